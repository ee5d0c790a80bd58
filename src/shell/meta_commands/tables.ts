import type { TableInfo } from "../../client/query_source.js";
import { AuditqlError } from "../../errors.js";
import { didYouMean } from "../../util/closest_name.js";
import type { ShellSession } from "../shell_session.js";
import { defineMetaCommand } from "./define_meta_command.js";

export const tablesCommand = defineMetaCommand({
  name: "tables",
  aliases: ["list"],
  operands: "[PATTERN]",
  completes: "tables",
  description: "List tables; PATTERN is a prefix of the name, or contains % for any text.",
  async run(session, [pattern]) {
    const tables = await matchingTables(session, pattern);
    await session.output.printLong(tables.map((table) => `  => ${table.name}\n`).join(""));
  },
});

/** Tables by the beginning of their name, or by a pattern with `%` or `*`; all without one. Throws
 * `usage` for a pattern that matches none. */
export async function matchingTables(
  session: ShellSession,
  pattern = "",
): Promise<readonly TableInfo[]> {
  const pieces = pattern.split(/[%*]/).map((piece) => piece.replace(/[^\w]/g, "\\$&"));
  const end = pieces.length > 1 ? "$" : "";
  const matcher = new RegExp(`^${pieces.join(".*")}${end}`, "i");
  const tables = await session.tables();
  const found = tables.filter((table) => matcher.test(table.name));
  if (found.length === 0 && pattern !== "") {
    const names = tables.map(({ name }) => name);
    throw new AuditqlError("usage", `No table matches ${pattern}.${didYouMean(pattern, names)}`);
  }
  return found.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** The table of a name. */
export async function requireTable(session: ShellSession, name: string): Promise<TableInfo> {
  const tables = await session.tables();
  const table = tables.find((candidate) => candidate.name === name.toLowerCase());
  if (table !== undefined) return table;
  const names = tables.map((candidate) => candidate.name);
  throw new AuditqlError(
    "table_missing",
    `No such table: ${name}.${didYouMean(name, names)} .tables lists all tables.`,
  );
}
