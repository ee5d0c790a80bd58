import { displayText } from "../../client/display_text.js";
import { readCells } from "../../client/row_cells.js";
import { defineMetaCommand } from "./define_meta_command.js";

const switches = `select name, value from osquery_flags
  where (name like 'disable\\_%' escape '\\' or name like 'enable\\_%' escape '\\') and type = 'bool'`;

export const featuresCommand = defineMetaCommand({
  name: "features",
  aliases: [],
  operands: "",
  description: "List the flags that enable or disable features of the daemon.",
  async run(session) {
    const { rows } = await session.ask(switches);
    const lines = rows.map((row) => readCells(row).map(({ text }) => displayText(text ?? "")));
    await session.output.printLong(lines.map((line) => `${line.join(": ")}\n`).join(""));
  },
});
