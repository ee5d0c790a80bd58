import { defineTable } from "../define_table.js";

export const mdPersonalities = defineTable("md_personalities", {
  *generate(_request, host) {
    const line = host.readText("/proc/mdstat")?.match(/^Personalities : (.*)$/m)?.[1] ?? "";
    for (const [, name = ""] of line.matchAll(/\[(\w+)\]/g)) yield { name };
  },
});
