import { defineTable } from "../define_table.js";
import type { TableRows } from "../generated/table_schemas.js";
import type { Host } from "../host.js";
import { parentDirectory } from "../sources/requested_files.js";
import { trimmedLines } from "../sources/text_lines.js";

// sudoers(5): no more than 128 files may be nested.
const maxNested = 128;
const include = /^[#@]include$/;
const includeFolder = /^[#@]includedir$/;

/** Lines of a file, those that end in a backslash joined with the next. */
function* joinedLines(host: Host, path: string): Iterable<string> {
  let start = "";
  for (const line of trimmedLines(host, path)) {
    if (line.endsWith("\\")) {
      start += line.slice(0, -1);
    } else {
      yield start + line;
      start = "";
    }
  }
  if (start !== "") yield start;
}

/** sudoers(5): names with a period or a tilde at the end are ignored. */
const isIncluded = (name: string): boolean => !name.includes(".") && !name.endsWith("~");

function includedFiles(host: Host, header: string, target: string): string[] {
  if (include.test(header)) return [target];
  const folder = target.replace(/\/$/, "");
  const names = host.list(folder).filter(isIncluded).toSorted();
  return names.map((name) => `${folder}/${name}`);
}

function* rulesOf(host: Host, path: string, depth: number): Iterable<TableRows["sudoers"]> {
  if (depth > maxNested) return;
  for (const line of joinedLines(host, path)) {
    const [, header = "", details = ""] = line.match(/^(\S+)\s*(.*)$/s) ?? [];
    const includes = include.test(header) || includeFolder.test(header);
    if (includes ? details === "" : line.startsWith("#")) continue;
    yield { source: path, header, rule_details: details };
    if (!includes) continue;
    const target = details.startsWith("/") ? details : `${parentDirectory(path)}/${details}`;
    for (const file of includedFiles(host, header, target)) yield* rulesOf(host, file, depth + 1);
  }
}

export const sudoers = defineTable("sudoers", {
  generate: (_request, host) => rulesOf(host, "/etc/sudoers", 1),
});
