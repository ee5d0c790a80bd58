import { defineTable } from "../define_table.js";

export const osqueryEvents = defineTable("osquery_events", {
  generate: (_request, host) => host.daemonRows().osquery_events ?? [],
});

/** There are no extensions of osquery here. */
export const osqueryExtensions = defineTable("osquery_extensions", { generate: () => [] });

export const osqueryFlags = defineTable("osquery_flags", {
  generate: (_request, host) => host.daemonRows().osquery_flags ?? [],
});

export const osqueryInfo = defineTable("osquery_info", {
  generate: (_request, host) => host.daemonRows().osquery_info ?? [],
});

export const osqueryPacks = defineTable("osquery_packs", {
  generate: (_request, host) => host.daemonRows().osquery_packs ?? [],
});

export const osqueryRegistry = defineTable("osquery_registry", {
  generate: (_request, host) => host.daemonRows().osquery_registry ?? [],
});

export const osquerySchedule = defineTable("osquery_schedule", {
  generate: (_request, host) => host.daemonRows().osquery_schedule ?? [],
});
