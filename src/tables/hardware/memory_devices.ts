import { defineTable } from "../define_table.js";
import { nameOf, type SmbiosStructure, structuresOfType } from "../sources/smbios.js";

const memoryDevice = 17;
// DSP0134, tables 76, 77 and 78; numbers that are missing are not assigned.
const formFactors =
  "|Other|Unknown|SIMM|SIP|Chip|DIP|ZIP|Proprietary Card|DIMM|TSOP|Row of chips|RIMM|SODIMM|SRIMM|FB-DIMM|Die".split(
    "|",
  );
const types = [
  ..."|Other|Unknown|DRAM|EDRAM|VRAM|SRAM|RAM|ROM|FLASH|EEPROM|FEPROM|EPROM|CDRAM|3DRAM".split("|"),
  ..."SDRAM|SGRAM|RDRAM|DDR|DDR2|DDR2 FB-DIMM|RESERVED|RESERVED|RESERVED|DDR3|FBD2|DDR4".split("|"),
  ..."LPDDR|LPDDR2|LPDDR3|LPDDR4|Logical non-volatile device|HBM|HBM2|DDR5|LPDDR5|HBM3".split("|"),
];
const detailColumns = [
  ..."Reserved|Other|Unknown|Fast-paged|Static column|Pseudo-static|RAMBUS|Synchronous".split("|"),
  ..."CMOS|EDO|Window DRAM|Cache DRAM|Non-volatile|Registered (Buffered)".split("|"),
  ..."Unbuffered (Unregistered)|LRDIMM".split("|"),
];

const unknown = 0xffff;
const seeExtended = 0x7fff;
const sizeInKibibytes = 0x8000;
const unknownSet = 0xff;

function megabytes(structure: SmbiosStructure): number | null {
  const size = structure.word(0x0c);
  if (size === null || size === unknown) return null;
  if (size === seeExtended) return structure.dword(0x1c);
  return (size & sizeInKibibytes) === 0 ? size : (size & ~sizeInKibibytes) / 1024;
}

/** Values for which 0 and 65535 mean that the firmware does not know. */
function known(value: number | null): number | null {
  return value === 0 || value === unknown ? null : value;
}

function details(bits: number | null): string | null {
  return bits === null
    ? null
    : detailColumns.filter((_, bit) => ((bits >> bit) & 1) !== 0).join(" ");
}

export const memoryDevices = defineTable("memory_devices", {
  *generate(_request, host) {
    for (const structure of structuresOfType(host, memoryDevice)) {
      const set = structure.byte(0x0f);
      const width = (at: number) => (structure.word(at) === unknown ? null : structure.word(at));
      yield {
        handle: structure.handle,
        array_handle: structure.handleAt(0x04),
        form_factor: nameOf(formFactors, structure.byte(0x0e)),
        total_width: width(0x08),
        data_width: width(0x0a),
        size: megabytes(structure),
        set: set === unknownSet ? null : set,
        device_locator: structure.string(0x10),
        bank_locator: structure.string(0x11),
        memory_type: nameOf(types, structure.byte(0x12)),
        memory_type_details: details(structure.word(0x13)),
        max_speed: known(structure.word(0x15)),
        configured_clock_speed: known(structure.word(0x20)),
        manufacturer: structure.string(0x17),
        serial_number: structure.string(0x18),
        asset_tag: structure.string(0x19),
        part_number: structure.string(0x1a),
        min_voltage: known(structure.word(0x22)),
        max_voltage: known(structure.word(0x24)),
        configured_voltage: known(structure.word(0x26)),
      };
    }
  },
});
