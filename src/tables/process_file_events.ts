import { defineTable } from "./define_table.js";

export const processFileEvents = defineTable("process_file_events", { generate: () => [] });
