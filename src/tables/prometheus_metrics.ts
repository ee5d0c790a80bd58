import { defineTable } from "./define_table.js";

export const prometheusMetrics = defineTable("prometheus_metrics", { generate: () => [] });
