import { closestName } from "../util/closest_name.js";

/** Names that a statement may use. */
export interface UsableNames {
  tables(): Iterable<string>;
  /** Columns of one of the tables, hidden ones too. */
  columnsOf(table: string): Iterable<string>;
  functions(): Iterable<string>;
  /** Whether the configuration keeps a table from being used. */
  isDisabled(table: string): boolean;
}

/** How SQLite says that a name is not there; a database or a table may stand before it. */
const complaint =
  /(?:no such (table|column|function): |cannot join using (column) )(?:[^\s.]+\.)*("[^"]+"|[^\s."]+)/;

/** An error of SQLite with the name that was probably meant, for tables, columns and functions. */
export function withNameHint(message: string, sql: string, names: UsableNames): string {
  const [, kind, joined, written = ""] = complaint.exec(message) ?? [];
  const name = written.replaceAll('"', "");
  const known = candidates(kind ?? joined, sql, names);
  // The column of another table of the statement is not misspelt, nor is a disabled table.
  const isThere =
    names.isDisabled(name) || known.some((each) => each.toLowerCase() === name.toLowerCase());
  const near = isThere ? null : closestName(name, known);
  return near === null ? message : `${message.replace(/\.$/, "")}. Did you mean "${near}"?`;
}

function candidates(kind: string | undefined, sql: string, names: UsableNames): readonly string[] {
  if (kind === "table") return [...names.tables()];
  if (kind === "function") return [...names.functions()];
  if (kind !== "column") return [];
  const words = new Set(sql.toLowerCase().match(/[\w$]+/g));
  const named = [...names.tables()].filter((table) => words.has(table.toLowerCase()));
  return named.flatMap((table) => [...names.columnsOf(table)]);
}
