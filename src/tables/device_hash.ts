import { defineTable } from "./define_table.js";

export const deviceHash = defineTable("device_hash", { generate: () => [] });
