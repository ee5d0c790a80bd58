import { defineTable } from "./define_table.js";

export const yaraEvents = defineTable("yara_events", { generate: () => [] });
