import { defineTable } from "../define_table.js";

export const loadAverage = defineTable("load_average", {
  *generate(_request, host) {
    const averages = host.readText("/proc/loadavg")?.split(" ").slice(0, 3) ?? [];
    for (const [index, average] of averages.entries()) {
      const period = ["1m", "5m", "15m"][index];
      if (period !== undefined) yield { period, average: Number(average).toFixed(6) };
    }
  },
});
