import { defineTable } from "../define_table.js";

export const uptime = defineTable("uptime", {
  *generate(_request, host) {
    const text = host.readText("/proc/uptime");
    if (text === null) return;
    const total = Math.floor(Number.parseFloat(text));
    yield {
      days: Math.floor(total / 86_400),
      hours: Math.floor(total / 3600) % 24,
      minutes: Math.floor(total / 60) % 60,
      seconds: total % 60,
      total_seconds: total,
    };
  },
});
