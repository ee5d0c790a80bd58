import { defineTable } from "../define_table.js";
import { addressRange } from "../sources/mapped_addresses.js";
import { structuresOfType } from "../sources/smbios.js";

const memoryArrayMappedAddress = 19;
const extendedAt = 0x0f;

export const memoryArrayMappedAddresses = defineTable("memory_array_mapped_addresses", {
  *generate(_request, host) {
    for (const structure of structuresOfType(host, memoryArrayMappedAddress)) {
      yield {
        handle: structure.handle,
        memory_array_handle: structure.handleAt(0x0c),
        ...addressRange(structure, extendedAt),
        partition_width: structure.byte(0x0e),
      };
    }
  },
});
