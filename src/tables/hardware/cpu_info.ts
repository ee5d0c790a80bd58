import { defineTable } from "../define_table.js";
import { type SmbiosStructure, structuresOfType } from "./smbios.js";

const processorStructure = 4;
const has64Bits = 1 << 2;
const seeWord = 0xff;
// By processor type, DSP0134 table 22.
const names: ReadonlyMap<number | null, string> = new Map([
  [3, "CPU"],
  [4, "MATH"],
  [5, "DSP"],
  [6, "GPU"],
]);

/** A count of cores: the byte, or for 255 and more the word that newer tables have. */
function count(structure: SmbiosStructure, byteAt: number, wordAt: number): number | null {
  const small = structure.byte(byteAt);
  return small === seeWord ? (structure.word(wordAt) ?? small) : small;
}

export const cpuInfo = defineTable("cpu_info", {
  *generate(_request, host) {
    let number = 0;
    for (const structure of structuresOfType(host, processorStructure)) {
      const type = structure.byte(0x05);
      const name = names.get(type);
      const characteristics = structure.word(0x26);
      const cores = count(structure, 0x23, 0x2a);
      yield {
        device_id: name === undefined ? null : `${name}${number++}`,
        model: structure.string(0x10),
        manufacturer: structure.string(0x07),
        processor_type: type === null ? null : String(type),
        cpu_status: structure.byte(0x18),
        number_of_cores: cores === null ? null : String(cores),
        logical_processors: count(structure, 0x25, 0x2e),
        address_width:
          characteristics === null ? null : (characteristics & has64Bits) !== 0 ? "64" : "32",
        current_clock_speed: structure.word(0x16),
        max_clock_speed: structure.word(0x14),
        socket_designation: structure.string(0x04),
      };
    }
  },
});
