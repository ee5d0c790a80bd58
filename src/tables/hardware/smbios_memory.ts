import { defineTable } from "../define_table.js";
import { hex, nameOf, type SmbiosStructure, structuresOfType } from "./smbios.js";

const seeExtendedAddress = 0xffffffff;

interface Range {
  readonly starting_address: string | null;
  readonly ending_address: string | null;
}

/** First and last address of types 19 and 20: in kibibytes, or, for memory beyond their 32 bits,
 * in bytes in fields of 64 bits. */
function addressRange(structure: SmbiosStructure, extendedAt: number): Range {
  const [first, last] = [structure.dword(0x04), structure.dword(0x08)];
  const shown = (value: number | bigint | null, digits: number) =>
    value === null ? null : hex(value, digits);
  if (first !== seeExtendedAddress) {
    return { starting_address: shown(first, 8), ending_address: shown(last, 8) };
  }
  return {
    starting_address: shown(structure.qword(extendedAt), 12),
    ending_address: shown(structure.qword(extendedAt + 8), 12),
  };
}

const memoryArray = 16;
const locations = [
  ..."|Other|Unknown|System board or motherboard|ISA add-on card|EISA add-on card".split("|"),
  ..."PCI add-on card|MCA add-on card|PCMCIA add-on card|Proprietary add-on card|NuBus".split("|"),
];
const uses =
  "|Other|Unknown|System memory|Video memory|Flash memory|Non-volatile RAM|Cache memory".split("|");
const corrections = "|Other|Unknown|none|Parity|Single-bit ECC|Multi-bit ECC|CRC".split("|");

const seeExtendedCapacity = 0x80000000;
const kibibytesPerGibibyte = 2 ** 20;
const noHandles = [0xfffe, 0xffff];

function capacityGigabytes(structure: SmbiosStructure): number | null {
  const kibibytes = structure.dword(0x07);
  if (kibibytes === null) return null;
  if (kibibytes < seeExtendedCapacity) return Math.floor(kibibytes / kibibytesPerGibibyte);
  const bytes = structure.qword(0x0f);
  return bytes === null ? null : Number(bytes / 2n ** 30n);
}

export const memoryArrays = defineTable("memory_arrays", {
  *generate(_request, host) {
    for (const structure of structuresOfType(host, memoryArray)) {
      const hasErrorInfo = !noHandles.includes(structure.word(0x0b) ?? 0xffff);
      yield {
        handle: structure.handle,
        location: nameOf(locations, structure.byte(0x04)),
        use: nameOf(uses, structure.byte(0x05)),
        memory_error_correction: nameOf(corrections, structure.byte(0x06)),
        max_capacity: capacityGigabytes(structure),
        memory_error_info_handle: hasErrorInfo ? structure.handleAt(0x0b) : null,
        number_memory_devices: structure.word(0x0d),
      };
    }
  },
});

const memoryDevice = 17;
// DSP0134, tables 76, 77 and 78; numbers that are missing are not assigned.
const formFactors =
  "|Other|Unknown|SIMM|SIP|Chip|DIP|ZIP|Proprietary Card|DIMM|TSOP|Row of chips|RIMM|SODIMM|SRIMM|FB-DIMM|Die".split(
    "|",
  );
const memoryTypes = [
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
const seeExtendedSize = 0x7fff;
const sizeInKibibytes = 0x8000;
const unknownSet = 0xff;

function megabytes(structure: SmbiosStructure): number | null {
  const size = structure.word(0x0c);
  if (size === null || size === unknown) return null;
  if (size === seeExtendedSize) return structure.dword(0x1c);
  return (size & sizeInKibibytes) === 0 ? size : (size & ~sizeInKibibytes) / 1024;
}

/** Values for which 0 and 65535 mean that the firmware does not know. */
function known(value: number | null): number | null {
  return value === 0 || value === unknown ? null : value;
}

function typeDetails(bits: number | null): string | null {
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
        memory_type: nameOf(memoryTypes, structure.byte(0x12)),
        memory_type_details: typeDetails(structure.word(0x13)),
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

const memoryArrayMappedAddress = 19;
const arrayExtendedAt = 0x0f;

export const memoryArrayMappedAddresses = defineTable("memory_array_mapped_addresses", {
  *generate(_request, host) {
    for (const structure of structuresOfType(host, memoryArrayMappedAddress)) {
      yield {
        handle: structure.handle,
        memory_array_handle: structure.handleAt(0x0c),
        ...addressRange(structure, arrayExtendedAt),
        partition_width: structure.byte(0x0e),
      };
    }
  },
});

const memoryDeviceMappedAddress = 20;
const deviceExtendedAt = 0x13;

export const memoryDeviceMappedAddresses = defineTable("memory_device_mapped_addresses", {
  *generate(_request, host) {
    for (const structure of structuresOfType(host, memoryDeviceMappedAddress)) {
      yield {
        handle: structure.handle,
        memory_device_handle: structure.handleAt(0x0c),
        memory_array_mapped_address_handle: structure.handleAt(0x0e),
        ...addressRange(structure, deviceExtendedAt),
        partition_row_position: structure.byte(0x10),
        interleave_position: structure.byte(0x11),
        interleave_data_depth: structure.byte(0x12),
      };
    }
  },
});

const memoryError = 18;
// DSP0134, tables 81, 82 and 83.
const errorTypes = [
  ..."|Other|Unknown|OK|Bad read|Parity error|Single-bit error|Double-bit error".split("|"),
  ..."Multi-bit error|Nibble error|Checksum error|CRC error|Corrected single-bit error".split("|"),
  ..."Corrected error|Uncorrectable error".split("|"),
];
const errorGranularities = "|Other|Unknown|Device level|Memory partition level".split("|");
const errorOperations = "|Other|Unknown|Read|Write|Partial write".split("|");

const unknownAddress = 0x80000000;

const shown = (value: number | null, unknown: number): string | null =>
  value === null || value === unknown ? null : hex(value, 8);

export const memoryErrorInfo = defineTable("memory_error_info", {
  *generate(_request, host) {
    for (const structure of structuresOfType(host, memoryError)) {
      yield {
        handle: structure.handle,
        error_type: nameOf(errorTypes, structure.byte(0x04)),
        error_granularity: nameOf(errorGranularities, structure.byte(0x05)),
        error_operation: nameOf(errorOperations, structure.byte(0x06)),
        vendor_syndrome: shown(structure.dword(0x07), 0),
        memory_array_error_address: shown(structure.dword(0x0b), unknownAddress),
        device_error_address: shown(structure.dword(0x0f), unknownAddress),
        error_resolution: shown(structure.dword(0x13), unknownAddress),
      };
    }
  },
});
