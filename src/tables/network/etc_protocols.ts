import { defineTable } from "../define_table.js";
import { trimmedLines } from "../sources/text_lines.js";

export const etcProtocols = defineTable("etc_protocols", {
  *generate(_request, host) {
    for (const line of trimmedLines(host, "/etc/protocols")) {
      const [entry = "", comment] = line.split(/#(.*)/s);
      const [name, number, alias] = entry.trim().split(/\s+/);
      if (name === undefined || number === undefined) continue;
      yield {
        name,
        number: Number(number),
        alias: alias ?? null,
        comment: comment?.trim() ?? null,
      };
    }
  },
});
