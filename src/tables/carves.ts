import { defineTable } from "./define_table.js";

export const carves = defineTable("carves", { generate: () => [] });
