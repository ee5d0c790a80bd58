import { AuditqlError } from "../errors.js";
import type { AskedLimits, QuerySource } from "../shell/query_source.js";
import { type ResultOutput, runStatement } from "../shell/run_statement.js";
import { splitStatements } from "../shell/statement_splitter.js";

/** Statements of one run, and what they may take. */
export interface StatementRun {
  readonly source: QuerySource;
  /** One statement or more, with semicolons between them. */
  readonly sql: string;
  readonly limits: AskedLimits;
  readonly output: ResultOutput;
  readonly signal: AbortSignal;
}

/** Runs statements one after the other; the first that fails ends the run. */
export async function runStatements(run: StatementRun): Promise<void> {
  const { source, limits, output, signal } = run;
  const { statements, rest } = splitStatements(run.sql);
  const all = rest === "" ? statements : [...statements, rest];
  if (all.length === 0) throw new AuditqlError("usage", "There is no SQL to run.");
  const texts = output.format.isDocument === true ? [run.sql] : all;
  for (const sql of texts) {
    const outcome = await runStatement(source, { sql, limits, signal }, output);
    const isExpected = outcome.truncatedBy === "rows" && limits.maxRows !== undefined;
    if (outcome.truncatedBy !== null && !isExpected) {
      throw new AuditqlError(
        "result_truncated",
        `Rows are missing: the result reached the limit on ${outcome.truncatedBy}. Narrow the query, or set --max-rows.`,
      );
    }
  }
}
