import { defineMetaCommand, wrongUse } from "./define_meta_command.js";
import { requireTable } from "./tables.js";

export const allCommand = defineMetaCommand({
  name: "all",
  aliases: [],
  operands: "TABLE",
  completes: "tables",
  description: "Select all rows of a table.",
  async run(session, [name]) {
    if (name === undefined) throw wrongUse(".all TABLE");
    const table = await requireTable(session, name);
    await session.runSql(`select * from "${table.name}"`);
  },
});

export const printCommand = defineMetaCommand({
  name: "print",
  aliases: [],
  operands: "TEXT",
  description: "Print a text.",
  run: (session, _args, rest) => session.print(`${rest}\n`),
});

export const versionCommand = defineMetaCommand({
  name: "version",
  aliases: [],
  operands: "",
  description: "Print the version of this shell.",
  run: (session) => session.print(`auditql ${session.version}\n`),
});
