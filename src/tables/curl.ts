import { defineTable } from "./define_table.js";

export const curl = defineTable("curl", { generate: () => [] });
