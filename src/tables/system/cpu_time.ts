import { defineTable } from "../define_table.js";
import { trimmedLines } from "../sources/text_lines.js";

export const cpuTime = defineTable("cpu_time", {
  *generate(_request, host) {
    for (const line of trimmedLines(host, "/proc/stat")) {
      const [name, ...ticks] = line.split(/\s+/);
      const core = name?.match(/^cpu(\d+)$/)?.[1];
      if (core === undefined) continue;
      const [user, nice, system, idle, iowait, irq, softirq, steal, guest, guestNice] =
        ticks.map(Number);
      yield {
        core: Number(core),
        user: user ?? null,
        nice: nice ?? null,
        system: system ?? null,
        idle: idle ?? null,
        iowait: iowait ?? null,
        irq: irq ?? null,
        softirq: softirq ?? null,
        steal: steal ?? null,
        guest: guest ?? null,
        guest_nice: guestNice ?? null,
      };
    }
  },
});
