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
  description: "Write all rows of a statement to a file; without SQL, of the last one.",
  details: `Without SQL, the last statement is run again. Without FORMAT, the file name's extension selects
the format (.csv, .tsv, .json, .ndjson, .md). Default: csv. Only its owner can read a new file.`,
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
    if (sql === null) throw wrongUse(`${usage}. No statement was run before`);
    if (/^\w+$/.test(sql) && named === undefined) {
      throw new AuditqlError(
        "usage",
        `Unknown format ${sql}. Use one of ${formatNames.join(", ")}.`,
      );
    }
    const rows = await session.exportRows(sql, path, named ?? formatOfName(path));
    await session.print(`${rows} ${rows === 1 ? "row" : "rows"} written to ${path}\n`);
  },
});

function formatOfName(path: string): OutputFormat {
  const end = extname(path).slice(1).toLowerCase();
  const format = findFormat(end) ?? findFormat("csv");
  if (format === undefined) throw new AuditqlError("internal", "Unknown format csv.");
  return format;
}
