import { displayText } from "../client/display_text.js";
import type { QuerySource } from "../client/query_source.js";
import { resultWarnings } from "../client/result_warnings.js";
import { runStatement } from "../client/run_statement.js";
import { createTextSink } from "../client/text_sink.js";
import { AuditqlError } from "../errors.js";
import { splitStatements } from "../util/sql_tokens.js";
import type { CommandIo } from "./define_command.js";
import { askedLimits, chosenFormat, formatOptions, type OutputValues } from "./output_options.js";

/** Statements of one run, and how to show their rows. */
export interface StatementRun {
  readonly source: QuerySource;
  /** One statement or more, with semicolons between them. */
  readonly sql: string;
  readonly options: OutputValues;
  readonly io: CommandIo;
}

/** Runs statements one after the other and prints their rows; the first that fails ends the run. */
export async function runStatements({ source, sql, options, io }: StatementRun): Promise<void> {
  const limits = askedLimits(options);
  const output = {
    sink: createTextSink(io.stdout),
    format: chosenFormat(options),
    options: formatOptions(options, io),
  };
  const { signal } = new AbortController();
  const statements = statementsOf(sql);
  // Blanks and comments alone are no error, as in osqueryi and sqlite3: they have no rows.
  if (statements.length === 0) {
    const { sink, format, options: shown } = output;
    if (format.isDocument === true) await sink.write(format.start(shown).end([]));
    return;
  }
  for (const statement of output.format.isDocument === true ? [sql] : statements) {
    const outcome = await runStatement(source, { sql: statement, limits, signal }, output);
    const { truncatedBy } = outcome;
    for (const notice of resultWarnings({ ...outcome, truncatedBy: null })) {
      io.stderr.write(`auditql: ${displayText(notice)}\n`);
    }
    const isExpected = truncatedBy === "rows" && limits.maxRows !== undefined;
    if (truncatedBy !== null && !isExpected) {
      throw new AuditqlError(
        "result_truncated",
        `Result truncated at the limit on ${truncatedBy}. Narrow the query, or set --max-rows.`,
      );
    }
  }
}

function statementsOf(sql: string): readonly string[] {
  const { statements, rest } = splitStatements(sql);
  return rest === "" ? statements : [...statements, rest];
}
