import { defineTable } from "./define_table.js";

export const augeas = defineTable("augeas", { generate: () => [] });
