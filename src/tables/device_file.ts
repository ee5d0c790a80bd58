import { defineTable } from "./define_table.js";

export const deviceFile = defineTable("device_file", { generate: () => [] });
