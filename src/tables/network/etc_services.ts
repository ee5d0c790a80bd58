import { defineTable } from "../define_table.js";
import { trimmedLines } from "../sources/text_lines.js";

export const etcServices = defineTable("etc_services", {
  *generate(_request, host) {
    for (const line of trimmedLines(host, "/etc/services")) {
      const [entry = "", comment] = line.split(/#(.*)/s);
      const [name, endpoint, ...aliases] = entry.trim().split(/\s+/);
      const [port, protocol] = endpoint?.split("/") ?? [];
      if (name === undefined || protocol === undefined) continue;
      yield {
        name,
        port: Number(port),
        protocol,
        aliases: aliases.join(" "),
        comment: comment?.trim() ?? null,
      };
    }
  },
});
