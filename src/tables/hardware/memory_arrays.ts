import { defineTable } from "../define_table.js";
import { nameOf, type SmbiosStructure, structuresOfType } from "../sources/smbios.js";

const memoryArray = 16;
const locations = [
  ..."|Other|Unknown|System board or motherboard|ISA add-on card|EISA add-on card".split("|"),
  ..."PCI add-on card|MCA add-on card|PCMCIA add-on card|Proprietary add-on card|NuBus".split("|"),
];
const uses =
  "|Other|Unknown|System memory|Video memory|Flash memory|Non-volatile RAM|Cache memory".split("|");
const corrections = "|Other|Unknown|none|Parity|Single-bit ECC|Multi-bit ECC|CRC".split("|");

const seeExtended = 0x80000000;
const kibibytesPerGibibyte = 2 ** 20;
const noHandles = [0xfffe, 0xffff];

function capacityGigabytes(structure: SmbiosStructure): number | null {
  const kibibytes = structure.dword(0x07);
  if (kibibytes === null) return null;
  if (kibibytes < seeExtended) return Math.floor(kibibytes / kibibytesPerGibibyte);
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
