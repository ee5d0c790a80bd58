import { defineTable } from "./define_table.js";

const empty = { generate: () => [] };

/** Tables of osquery that auditql does not fill: queries that name them run and find no row. */
export const emptyTables = [
  defineTable("augeas", empty),
  defineTable("carves", empty),
  defineTable("curl", empty),
  defineTable("curl_certificate", empty),
  defineTable("device_file", empty),
  defineTable("device_hash", empty),
  defineTable("msr", empty),
  defineTable("prometheus_metrics", empty),
];

/** Tables that osquery removed: queries that name them run, find no row and have a warning. */
export const removedTables = [
  defineTable("atom_packages", empty),
  defineTable("bpf_process_events", empty),
  defineTable("bpf_socket_events", empty),
  defineTable("elf_dynamic", empty),
  defineTable("elf_info", empty),
  defineTable("elf_sections", empty),
  defineTable("elf_segments", empty),
  defineTable("elf_symbols", empty),
  defineTable("kernel_integrity", empty),
  defineTable("lldp_neighbors", empty),
  defineTable("smart_drive_info", empty),
];
