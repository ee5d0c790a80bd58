import { defineTable } from "../define_table.js";

export const auditqlCapture = defineTable("auditql_capture", {
  generate: (_request, host) => host.daemonRows().auditql_capture ?? [],
});
