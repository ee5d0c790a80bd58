import { defineTable } from "./define_table.js";

export const msr = defineTable("msr", { generate: () => [] });
