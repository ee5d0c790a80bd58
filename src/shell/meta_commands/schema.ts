import type { TableInfo } from "../../client/query_source.js";
import { defineMetaCommand } from "./define_meta_command.js";
import { matchingTables } from "./tables.js";

export const schemaCommand = defineMetaCommand({
  name: "schema",
  aliases: [],
  operands: "[PATTERN]",
  completes: "tables",
  description: "Show tables as CREATE TABLE statements.",
  async run(session, [pattern]) {
    const tables = await matchingTables(session, pattern);
    await session.output.printLong(session.highlight(tables.map(createStatement).join("")));
  },
});

function createStatement(table: TableInfo): string {
  const columns = table.columns.map(
    ({ name, type, hidden }) => `\`${name}\` ${type}${hidden === true ? " HIDDEN" : ""}`,
  );
  return `CREATE TABLE ${table.name}(\n  ${columns.join(",\n  ")}\n);\n`;
}
