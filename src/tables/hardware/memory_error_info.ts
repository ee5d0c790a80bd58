import { defineTable } from "../define_table.js";
import { hex, nameOf, structuresOfType } from "../sources/smbios.js";

const memoryError = 18;
// DSP0134, tables 81, 82 and 83.
const types = [
  ..."|Other|Unknown|OK|Bad read|Parity error|Single-bit error|Double-bit error".split("|"),
  ..."Multi-bit error|Nibble error|Checksum error|CRC error|Corrected single-bit error".split("|"),
  ..."Corrected error|Uncorrectable error".split("|"),
];
const granularities = "|Other|Unknown|Device level|Memory partition level".split("|");
const operations = "|Other|Unknown|Read|Write|Partial write".split("|");

const unknownAddress = 0x80000000;

const shown = (value: number | null, unknown: number): string | null =>
  value === null || value === unknown ? null : hex(value, 8);

export const memoryErrorInfo = defineTable("memory_error_info", {
  *generate(_request, host) {
    for (const structure of structuresOfType(host, memoryError)) {
      yield {
        handle: structure.handle,
        error_type: nameOf(types, structure.byte(0x04)),
        error_granularity: nameOf(granularities, structure.byte(0x05)),
        error_operation: nameOf(operations, structure.byte(0x06)),
        vendor_syndrome: shown(structure.dword(0x07), 0),
        memory_array_error_address: shown(structure.dword(0x0b), unknownAddress),
        device_error_address: shown(structure.dword(0x0f), unknownAddress),
        error_resolution: shown(structure.dword(0x13), unknownAddress),
      };
    }
  },
});
