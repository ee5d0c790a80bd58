import { AuditqlError } from "../errors.js";
import type { QueryOutcome } from "../sql/query.js";

/** What every answer tells of its query beside the rows. */
export interface OutcomeReport {
  readonly rows: number;
  readonly elapsedMs: number;
  readonly truncatedBy: "rows" | "bytes" | null;
  readonly evictedRows: number;
  /** Files whose content the caller may not be told. */
  readonly refusedFiles: number;
  readonly warnings: readonly string[];
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** Result bytes from the runner, and how the query ended once they are through. */
export interface ResultSource {
  readonly chunks: AsyncIterable<Buffer>;
  readonly outcome: Promise<QueryOutcome>;
}

export function reportOutcome(outcome: QueryOutcome): OutcomeReport {
  const { rows, elapsedMs, truncatedBy, evictedRows, refusals, warnings, error } = outcome;
  const refusedFiles = (refusals?.protected ?? 0) + (refusals?.private ?? 0);
  return { rows, elapsedMs, truncatedBy, evictedRows, refusedFiles, warnings, error };
}

const newline = 0x0a;
const comma = 0x2c;

/**
 * `{"rows":[…],"columns":[…],"types":[…],"outcome":{…}}` from NDJSON, without parsing a row: a newline cannot
 * stand inside a JSON string (RFC 8259, section 7), so each one parts two rows.
 */
export async function* jsonBody(source: ResultSource): AsyncGenerator<Buffer | string> {
  let separator = '{"rows":[';
  for await (const lines of wholeLines(source.chunks)) {
    const rows = lines.subarray(0, lines.length - 1);
    for (let at = rows.indexOf(newline); at >= 0; at = rows.indexOf(newline, at + 1)) {
      rows[at] = comma;
    }
    yield separator;
    yield rows;
    separator = ",";
  }
  if (separator !== ",") yield separator;
  const outcome = await source.outcome;
  yield `],${JSON.stringify(endOf(outcome)).slice(1)}\n`;
}

/** One row a line, and as the last line always `{"columns":[…],"types":[…],"outcome":{…}}`. */
export async function* ndjsonBody(source: ResultSource): AsyncGenerator<Buffer | string> {
  yield* wholeLines(source.chunks);
  yield `${JSON.stringify(endOf(await source.outcome))}\n`;
}

/** What follows the rows. A column that is an expression has no declared type. */
function endOf(outcome: QueryOutcome) {
  const types = outcome.types.map((type) => (type === "" ? null : type));
  return { columns: outcome.columns, types, outcome: reportOutcome(outcome) };
}

/** What a CSV answer has to be told: there is no place in CSV to say that rows are missing. */
export interface CsvOptions {
  /** The request set limits itself, and so expects to see no more than they allow. */
  readonly isTruncationExpected: boolean;
}

/** CSV as the runner makes it. Throws at the end where rows are missing: the connection then ends
 * without the final chunk, which every HTTP client reports as an error. */
export async function* csvBody(
  source: ResultSource,
  options: CsvOptions,
): AsyncGenerator<Buffer | string> {
  yield* source.chunks;
  const outcome = await source.outcome;
  if (outcome.error !== null) {
    throw new AuditqlError("answer_cut_off", outcome.error.message);
  }
  if (outcome.truncatedBy !== null && !options.isTruncationExpected) {
    throw new AuditqlError(
      "result_truncated",
      `The result was truncated at the limit on ${outcome.truncatedBy}.`,
    );
  }
}

/** Regroups chunks so that each ends with a newline. A torn last line, which only a failed query
 * leaves, is dropped: its outcome tells of the failure. Yields buffers that the caller may change. */
async function* wholeLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let torn: Buffer[] = [];
  for await (const chunk of chunks) {
    const end = chunk.lastIndexOf(newline) + 1;
    if (end === 0) {
      torn.push(chunk);
      continue;
    }
    yield Buffer.concat([...torn, chunk.subarray(0, end)]);
    torn = end < chunk.length ? [chunk.subarray(end)] : [];
  }
}
