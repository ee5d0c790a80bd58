import { defineTable } from "../define_table.js";
import { addressRange } from "../sources/mapped_addresses.js";
import { structuresOfType } from "../sources/smbios.js";

const memoryDeviceMappedAddress = 20;
const extendedAt = 0x13;

export const memoryDeviceMappedAddresses = defineTable("memory_device_mapped_addresses", {
  *generate(_request, host) {
    for (const structure of structuresOfType(host, memoryDeviceMappedAddress)) {
      yield {
        handle: structure.handle,
        memory_device_handle: structure.handleAt(0x0c),
        memory_array_mapped_address_handle: structure.handleAt(0x0e),
        ...addressRange(structure, extendedAt),
        partition_row_position: structure.byte(0x10),
        interleave_position: structure.byte(0x11),
        interleave_data_depth: structure.byte(0x12),
      };
    }
  },
});
