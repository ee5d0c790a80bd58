import { defineTable } from "../define_table.js";
import { nameOf, type SmbiosStructure, structuresOfType } from "../sources/smbios.js";

const MEMORY_ARRAY = 16;
const LOCATIONS = [
  ..."|Other|Unknown|System board or motherboard|ISA add-on card|EISA add-on card".split("|"),
  ..."PCI add-on card|MCA add-on card|PCMCIA add-on card|Proprietary add-on card|NuBus".split("|"),
];
const USES =
  "|Other|Unknown|System memory|Video memory|Flash memory|Non-volatile RAM|Cache memory".split("|");
const CORRECTIONS = "|Other|Unknown|none|Parity|Single-bit ECC|Multi-bit ECC|CRC".split("|");

const SEE_EXTENDED = 0x80000000;
const KIBIBYTES_PER_GIBIBYTE = 2 ** 20;
const NO_HANDLES = [0xfffe, 0xffff];

function capacityGigabytes(structure: SmbiosStructure): number | null {
  const kibibytes = structure.dword(0x07);
  if (kibibytes === null) return null;
  if (kibibytes < SEE_EXTENDED) return Math.floor(kibibytes / KIBIBYTES_PER_GIBIBYTE);
  const bytes = structure.qword(0x0f);
  return bytes === null ? null : Number(bytes / 2n ** 30n);
}

export const memoryArrays = defineTable("memory_arrays", {
  *generate(_request, host) {
    for (const structure of structuresOfType(host, MEMORY_ARRAY)) {
      const hasErrorInfo = !NO_HANDLES.includes(structure.word(0x0b) ?? 0xffff);
      yield {
        handle: structure.handle,
        location: nameOf(LOCATIONS, structure.byte(0x04)),
        use: nameOf(USES, structure.byte(0x05)),
        memory_error_correction: nameOf(CORRECTIONS, structure.byte(0x06)),
        max_capacity: capacityGigabytes(structure),
        memory_error_info_handle: hasErrorInfo ? structure.handleAt(0x0b) : null,
        number_memory_devices: structure.word(0x0d),
      };
    }
  },
});
