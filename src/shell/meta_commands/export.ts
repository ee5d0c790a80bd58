import { extname } from "node:path";
import { findFormat, formatNames } from "../../client/formats/all.js";
import type { OutputFormat } from "../../client/formats/define_format.js";
import { AuditqlError } from "../../errors.js";
import { defineMetaCommand, wrongUse } from "./define_meta_command.js";

const usage = ".export FILE [FORMAT] [SQL]";

export const exportMetaCommand = defineMetaCommand({
  name: "export",
  aliases: [],
  operands: "FILE [FORMAT] [SQL]",
  completes: "sql",
  description: "Write all rows of a statement to a file; without SQL, of the newest one.",
  details: `Without SQL the newest statement is run again. Without FORMAT the end of the file's name
decides (.csv, .tsv, .json, .ndjson, .md), else csv. A new file can be read by its user alone.`,
  examples: [
    ".export logins.csv",
    ".export events.ndjson ndjson select * from process_events where uid = 0",
  ],
  async run(session, [path = "", ...words], rest) {
    if (path === "") throw wrongUse(usage);
    const named = findFormat(words[0] ?? "");
    const tail = rest.slice(path.length).trim();
    const text = named === undefined ? tail : tail.slice((words[0] ?? "").length).trim();
    const sql = text === "" ? session.lastSql : text.replace(/;\s*$/, "");
    if (sql === null) throw wrongUse(`${usage}. There is no newest statement yet`);
    if (/^\w+$/.test(sql) && named === undefined) {
      throw new AuditqlError("usage", `There is no format ${sql}, only ${formatNames.join(", ")}.`);
    }
    const rows = await session.exportRows(sql, path, named ?? formatOfName(path));
    await session.print(`${rows} ${rows === 1 ? "row" : "rows"} written to ${path}\n`);
  },
});

function formatOfName(path: string): OutputFormat {
  const end = extname(path).slice(1).toLowerCase();
  const format = findFormat(end) ?? findFormat("csv");
  if (format === undefined) throw new AuditqlError("internal", "There is no format csv.");
  return format;
}
