import { defineTable } from "./define_table.js";

export const hardwareEvents = defineTable("hardware_events", { generate: () => [] });
