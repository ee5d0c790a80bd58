import type { AnswerOutcome } from "./query_source.js";

/** What whoever reads the rows has to know beside them, a sentence each. */
export function resultWarnings(outcome: AnswerOutcome): readonly string[] {
  const { columns, truncatedBy, evictedRows, refusedFiles, warnings } = outcome;
  const repeated = new Set(columns.filter((name, at) => columns.indexOf(name) !== at));
  const notices: string[] = [];
  if (truncatedBy !== null) {
    notices.push(`Result truncated at the limit on ${truncatedBy}.`);
  }
  if (evictedRows > 0) {
    notices.push(`${evictedRows} events were evicted from their table during the query.`);
  }
  if (refusedFiles > 0) {
    notices.push(
      `${refusedFiles} files were not read: they contain secrets of the daemon, or this role has no permission.`,
    );
  }
  if (repeated.size > 0) {
    const names = [...repeated].join(", ");
    notices.push(`Duplicate column name ${names}: only the last is shown. Use AS to rename.`);
  }
  notices.push(...warnings);
  return notices;
}
