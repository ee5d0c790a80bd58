import { defineTable } from "./define_table.js";

/** There are no plugins of osquery here. */
export const osqueryRegistry = defineTable("osquery_registry", { generate: () => [] });
