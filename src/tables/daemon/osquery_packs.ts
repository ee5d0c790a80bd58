import { defineTable } from "../define_table.js";

export const osqueryPacks = defineTable("osquery_packs", {
  generate: (_request, host) => host.facts().osquery_packs ?? [],
});
