import { defineTable } from "./define_table.js";

const empty = { generate: () => [] };

/** Tables that osquery removed and that auditql does not fill: queries that name them still run, and
 * are told so. */
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
