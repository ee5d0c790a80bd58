import { defineTable } from "../define_table.js";

/** There are no extensions of osquery here. */
export const osqueryExtensions = defineTable("osquery_extensions", { generate: () => [] });
