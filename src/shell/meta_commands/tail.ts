import { defineMetaCommand, wrongUse } from "./define_meta_command.js";
import { requireTable } from "./tables.js";

/** What fits a line of a terminal; of other tables, everything is shown. */
const tailColumns: Readonly<Record<string, string>> = {
  process_events:
    "strftime('%H:%M:%S', time, 'unixepoch') as utc, event_action, pid, parent, username, path, cmdline",
  socket_events:
    "strftime('%H:%M:%S', time, 'unixepoch') as utc, action, pid, path, remote_address, remote_port, status",
};

export const tailCommand = defineMetaCommand({
  name: "tail",
  aliases: ["follow"],
  operands: "TABLE [where …]|SELECT",
  completes: "tail",
  description: "Show events as they arrive, until Ctrl-C.",
  details: `Shows each event of the table once, shortly after it happened. For process_events and
socket_events it shows a few columns; use a SELECT over one event table to choose columns.
Events that arrive faster than they can be shown are dropped and counted.`,
  examples: [
    ".tail process_events where event_action = 'exec'",
    ".tail socket_events where remote_port = 443",
    ".tail select pid, cmdline, cwd from process_events where uid = 0",
  ],
  async run(session, _args, rest) {
    await session.follow(await statementOf(rest.replace(/;\s*$/, "")));

    async function statementOf(text: string): Promise<string> {
      if (/^(select|with)\s/i.test(text)) return text;
      const [, name, condition = ""] = /^(\w+)(?:\s+(where\s[\s\S]+))?$/i.exec(text) ?? [];
      if (name === undefined) throw wrongUse(".tail TABLE [where …], or .tail SELECT");
      const table = await requireTable(session, name);
      return `select ${tailColumns[table.name] ?? "*"} from ${table.name} ${condition}`.trim();
    }
  },
});
