import type { AnswerOutcome } from "./query_source.js";

/** What whoever reads the rows has to know beside them, a sentence each. */
export function resultWarnings(outcome: AnswerOutcome): readonly string[] {
  const { columns, truncatedBy, evictedRows, refusedFiles, warnings } = outcome;
  const repeated = new Set(columns.filter((name, at) => columns.indexOf(name) !== at));
  const notices: string[] = [];
  if (truncatedBy !== null) {
    notices.push(`Rows are missing: the result reached the limit on ${truncatedBy}.`);
  }
  if (evictedRows > 0) {
    notices.push(`${evictedRows} events left their table while the query read it.`);
  }
  if (refusedFiles > 0) {
    notices.push(
      `${refusedFiles} files were not read: they hold secrets of the daemon, or this role may not read them.`,
    );
  }
  if (repeated.size > 0) {
    const names = [...repeated].join(", ");
    notices.push(`Of columns with one name (${names}) the last is shown: name them with 'as'.`);
  }
  notices.push(...warnings);
  return notices;
}
