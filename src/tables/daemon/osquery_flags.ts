import { defineTable } from "../define_table.js";

export const osqueryFlags = defineTable("osquery_flags", {
  generate: (_request, host) => host.facts().osquery_flags ?? [],
});
