import { defineTable } from "../define_table.js";

export const osqueryInfo = defineTable("osquery_info", {
  generate: (_request, host) => host.facts().osquery_info ?? [],
});
