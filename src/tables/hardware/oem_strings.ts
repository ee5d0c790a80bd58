import { defineTable } from "../define_table.js";
import { structuresOfType } from "../sources/smbios.js";

const oemStringsStructure = 11;

export const oemStrings = defineTable("oem_strings", {
  *generate(_request, host) {
    for (const structure of structuresOfType(host, oemStringsStructure)) {
      const count = structure.byte(0x04) ?? 0;
      for (let number = 1; number <= count; number++) {
        const value = structure.numberedString(number);
        yield { handle: structure.handle, number, value };
      }
    }
  },
});
