import { defineTable } from "./define_table.js";

export const fileEvents = defineTable("file_events", { generate: () => [] });
