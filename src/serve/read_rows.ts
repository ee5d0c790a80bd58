import { toAuditqlError } from "../errors.js";
import type { QueryOutcome, RunningQuery } from "../sql/query.js";

/** One row of a result, parsed. */
export type ResultRow = Readonly<Record<string, unknown>>;

/** Reads a bounded NDJSON result whole, a row a line; throws what made the query fail. */
export async function readLines(
  query: RunningQuery,
): Promise<{ readonly lines: readonly string[]; readonly outcome: QueryOutcome }> {
  const chunks: Buffer[] = [];
  for await (const chunk of query.output) chunks.push(chunk);
  const outcome = await query.outcome;
  if (outcome.error !== null) throw toAuditqlError(outcome.error);
  const text = Buffer.concat(chunks).toString("utf8");
  return { lines: text === "" ? [] : text.trimEnd().split("\n"), outcome };
}

/** Reads a bounded NDJSON result as rows. */
export async function readRows(query: RunningQuery): Promise<ResultRow[]> {
  const { lines } = await readLines(query);
  return lines.map((line) => {
    const row: ResultRow = JSON.parse(line);
    return row;
  });
}
