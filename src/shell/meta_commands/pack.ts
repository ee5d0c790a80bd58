import { readCells } from "../../client/row_cells.js";
import { AuditqlError } from "../../errors.js";
import { defineMetaCommand, wrongUse } from "./define_meta_command.js";

export const packCommand = defineMetaCommand({
  name: "pack",
  aliases: [],
  operands: "NAME",
  description: "Run every scheduled query of a pack once.",
  details: `The statements read all stored events, not only those since the last scheduled run.
'select name, active from osquery_packs;' lists the packs.`,
  examples: [".pack processes"],
  async run(session, args) {
    const [name] = args;
    if (name === undefined || args.length > 1) throw wrongUse(".pack NAME");
    const { rows } = await session.ask(queriesOf(name));
    if (rows.length === 0) {
      throw new AuditqlError(
        "usage",
        `No active pack ${name}. 'select name, active from osquery_packs;' lists the packs.`,
      );
    }
    for (const row of rows) await session.runSql(readCells(row)[0]?.text ?? "");
  },
});

/** Scheduled queries are named pack<delimiter><pack><delimiter><query>. */
function queriesOf(pack: string): string {
  const name = pack.replaceAll("'", "''");
  return `with prefix(text) as (
      select 'pack' || value || '${name}' || value from osquery_flags where name = 'pack_delimiter')
    select query from osquery_schedule, prefix where substr(name, 1, length(text)) = text order by name`;
}
