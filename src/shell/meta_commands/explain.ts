import { defineMetaCommand, wrongUse } from "./define_meta_command.js";

export const explainCommand = defineMetaCommand({
  name: "explain",
  aliases: [],
  operands: "SQL",
  description: "Show how SQLite would run a statement, without running it.",
  async run(session, _args, sql) {
    if (sql === "") throw wrongUse(".explain SQL");
    await session.runSql(`explain query plan ${sql.replace(/;\s*$/, "")}`);
  },
});
