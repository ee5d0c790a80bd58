import { defineTable } from "../define_table.js";
import { hex, nameOf, structuresOfType } from "../sources/smbios.js";

const MEMORY_ERROR = 18;
// DSP0134, tables 81, 82 and 83.
const TYPES = [
  ..."|Other|Unknown|OK|Bad read|Parity error|Single-bit error|Double-bit error".split("|"),
  ..."Multi-bit error|Nibble error|Checksum error|CRC error|Corrected single-bit error".split("|"),
  ..."Corrected error|Uncorrectable error".split("|"),
];
const GRANULARITIES = "|Other|Unknown|Device level|Memory partition level".split("|");
const OPERATIONS = "|Other|Unknown|Read|Write|Partial write".split("|");

const UNKNOWN_ADDRESS = 0x80000000;

const shown = (value: number | null, unknown: number): string | null =>
  value === null || value === unknown ? null : hex(value, 8);

export const memoryErrorInfo = defineTable("memory_error_info", {
  *generate(_request, host) {
    for (const structure of structuresOfType(host, MEMORY_ERROR)) {
      yield {
        handle: structure.handle,
        error_type: nameOf(TYPES, structure.byte(0x04)),
        error_granularity: nameOf(GRANULARITIES, structure.byte(0x05)),
        error_operation: nameOf(OPERATIONS, structure.byte(0x06)),
        vendor_syndrome: shown(structure.dword(0x07), 0),
        memory_array_error_address: shown(structure.dword(0x0b), UNKNOWN_ADDRESS),
        device_error_address: shown(structure.dword(0x0f), UNKNOWN_ADDRESS),
        error_resolution: shown(structure.dword(0x13), UNKNOWN_ADDRESS),
      };
    }
  },
});
