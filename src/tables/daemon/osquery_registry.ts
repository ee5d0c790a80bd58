import { defineTable } from "../define_table.js";

export const osqueryRegistry = defineTable("osquery_registry", {
  generate: (_request, host) => host.facts().osquery_registry ?? [],
});
