import { defineTable } from "../define_table.js";
import { hex, structuresOfType } from "./smbios.js";

const biosStructure = 0;
const romBlockBytes = 64 * 1024;
const segmentDigits = 4;

export const platformInfo = defineTable("platform_info", {
  *generate(_request, host) {
    for (const structure of structuresOfType(host, biosStructure)) {
      const romBlocks = structure.byte(0x09);
      const [major, minor] = [structure.byte(0x14), structure.byte(0x15)];
      yield {
        vendor: structure.string(0x04),
        version: structure.string(0x05),
        date: structure.string(0x08),
        revision: major === null || minor === null ? null : `${major}.${minor}`,
        extra: "",
        firmware_type: host.stat("/sys/firmware/efi")?.isDirectory() ? "uefi" : "bios",
        address: hex(structure.word(0x06) ?? 0, segmentDigits),
        size: romBlocks === null ? null : String((romBlocks + 1) * romBlockBytes),
        volume_size: 0,
      };
    }
  },
});
