import type { StateTable } from "../define_table.js";
import { acpiTables } from "./acpi_tables.js";
import { blockDevices } from "./block_devices.js";
import { cpuInfo } from "./cpu_info.js";
import { cpuid } from "./cpuid.js";
import { devicePartitions } from "./device_partitions.js";
import { diskEncryption } from "./disk_encryption.js";
import { intelMeInfo } from "./intel_me_info.js";
import { mdDevices, mdDrives, mdPersonalities } from "./md.js";
import { memoryInfo } from "./memory_info.js";
import { memoryMap } from "./memory_map.js";
import { pciDevices } from "./pci_devices.js";
import { platformInfo } from "./platform_info.js";
import { secureboot, securebootCertificates } from "./secureboot.js";
import {
  memoryArrayMappedAddresses,
  memoryArrays,
  memoryDeviceMappedAddresses,
  memoryDevices,
  memoryErrorInfo,
} from "./smbios_memory.js";
import { oemStrings, smbiosTables } from "./smbios_tables.js";
import { systemInfo } from "./system_info.js";
import { usbDevices } from "./usb_devices.js";

/** Every table of hardware and firmware. */
export const hardwareTables: readonly StateTable[] = [
  acpiTables,
  blockDevices,
  cpuInfo,
  cpuid,
  devicePartitions,
  diskEncryption,
  intelMeInfo,
  mdDevices,
  mdDrives,
  mdPersonalities,
  memoryArrayMappedAddresses,
  memoryArrays,
  memoryDeviceMappedAddresses,
  memoryDevices,
  memoryErrorInfo,
  memoryInfo,
  memoryMap,
  oemStrings,
  pciDevices,
  platformInfo,
  secureboot,
  securebootCertificates,
  smbiosTables,
  systemInfo,
  usbDevices,
];
