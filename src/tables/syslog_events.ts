import { defineTable } from "./define_table.js";

export const syslogEvents = defineTable("syslog_events", { generate: () => [] });
