import { createHash } from "node:crypto";
import { defineTable } from "../define_table.js";
import { smbiosStructures, structuresOfType } from "./smbios.js";

// DSP0134, table 3.
const standard = `BIOS Information|System Information|Base Board or Module Information
System Enclosure or Chassis|Processor Information|Memory Controller Information
Memory Module Information|Cache Information|Port Connector Information|System Slots
On Board Devices Information|OEM Strings|System Configuration Options|BIOS Language Information
Group Associations|System Event Log|Physical Memory Array|Memory Device
32-bit Memory Error Information|Memory Array Mapped Address|Memory Device Mapped Address
Built-in Pointing Device|Portable Battery|System Reset|Hardware Security|System Power Controls
Voltage Probe|Cooling Device|Temperature Probe|Electrical Current Probe|Out-of-Band Remote Access
Boot Integrity Services|System Boot Information|64-bit Memory Error Information|Management Device
Management Device Component|Management Device Threshold Data|Memory Channel|IPMI Device Information
System Power Supply|Additional Information|Onboard Devices Extended Info`.split(/[|\n]/);
const further: ReadonlyMap<number, string> = new Map([
  [126, "Inactive"],
  [127, "End-of-Table"],
  [130, "Memory SPD Data"],
  [131, "OEM Processor Type"],
  [132, "OEM Processor Bus Speed"],
]);

export const smbiosTables = defineTable("smbios_tables", {
  *generate(_request, host) {
    for (const { number, type, handleNumber, headerSize, bytes } of smbiosStructures(host)) {
      yield {
        number,
        type,
        description: standard[type] ?? further.get(type) ?? "Unknown",
        handle: handleNumber,
        header_size: headerSize,
        size: bytes.length,
        md5: createHash("md5").update(bytes).digest("hex"),
      };
    }
  },
});

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
