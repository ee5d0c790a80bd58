import { defineTable } from "../define_table.js";
import { trimmedLines } from "../sources/text_lines.js";

// Names of osquery for the limits of proc(5).
const types: Readonly<Record<string, string>> = {
  "Max cpu time": "cpu",
  "Max file size": "fsize",
  "Max data size": "data",
  "Max stack size": "stack",
  "Max core file size": "core",
  "Max open files": "nofile",
  "Max processes": "nproc",
  "Max locked memory": "memlock",
  "Max address space": "as",
  "Max resident set": "rss",
};

export const ulimitInfo = defineTable("ulimit_info", {
  *generate(_request, host) {
    for (const line of trimmedLines(host, "/proc/self/limits")) {
      const [, name = "", soft = "", hard = ""] = line.match(/^(.+?)\s{2,}(\S+)\s+(\S+)/) ?? [];
      const type = types[name];
      if (type !== undefined) yield { type, soft_limit: soft, hard_limit: hard };
    }
  },
});
