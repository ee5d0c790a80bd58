import { defineTable } from "../define_table.js";
import { trimmedLines } from "../sources/text_lines.js";

/** The kernel shows 0-0 to readers without CAP_SYS_ADMIN (kernel/resource.c, r_show). */
const hidden = /^0+-0+ /;

export const memoryMap = defineTable("memory_map", {
  *generate(_request, host) {
    for (const line of trimmedLines(host, "/proc/iomem")) {
      const [, start, end, name] = line.match(/^([0-9a-f]+)-([0-9a-f]+) : (.*)$/) ?? [];
      if (name === undefined) continue;
      if (hidden.test(line)) yield { name, start: null, end: null };
      else yield { name, start: `0x${start}`, end: `0x${end}` };
    }
  },
});
