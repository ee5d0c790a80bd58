import { defineTable } from "../define_table.js";

export const osqueryEvents = defineTable("osquery_events", {
  generate: (_request, host) => host.facts().osquery_events ?? [],
});
