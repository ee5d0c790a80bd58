import { defineTable } from "../define_table.js";

export const osquerySchedule = defineTable("osquery_schedule", {
  generate: (_request, host) => host.facts().osquery_schedule ?? [],
});
