import { defineTable } from "./define_table.js";
import { trimmedLines } from "./sources/text_lines.js";

export const memoryMap = defineTable("memory_map", {
  *generate(_request, host) {
    for (const line of trimmedLines(host, "/proc/iomem")) {
      const [, start, end, name] = line.match(/^([0-9a-f]+)-([0-9a-f]+) : (.*)$/) ?? [];
      if (name !== undefined) yield { name, start: `0x${start}`, end: `0x${end}` };
    }
  },
});
