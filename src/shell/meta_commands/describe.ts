import { tableFormat } from "../../client/formats/table.js";
import { defineMetaCommand, wrongUse } from "./define_meta_command.js";
import { requireTable } from "./tables.js";

export const describeCommand = defineMetaCommand({
  name: "describe",
  aliases: ["desc"],
  operands: "TABLE",
  completes: "tables",
  description: "Describe a table and its columns.",
  async run(session, [name]) {
    if (name === undefined) throw wrongUse(".describe TABLE");
    const table = await requireTable(session, name);
    const writer = tableFormat.start({ ...session.output.formatOptions(), columnWidths: [] });
    const rows = table.columns.map((column) =>
      writer.row(
        JSON.stringify({
          column: column.name,
          type: column.type,
          hidden: column.hidden === true ? "hidden" : null,
          description: column.description,
        }),
      ),
    );
    await session.output.printLong(`${table.description}\n${rows.join("")}${writer.end([])}`);
  },
});
