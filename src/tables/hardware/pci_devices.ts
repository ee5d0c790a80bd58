import { defineTable } from "../define_table.js";
import type { TableRows } from "../generated/table_schemas.js";
import type { Host } from "../host.js";
import { type PciNames, pciNames } from "../sources/pci_names.js";
import { attribute } from "../sources/text_lines.js";

const folder = "/sys/bus/pci/devices";

function pciDevice(host: Host, slot: string, names: PciNames): TableRows["pci_devices"] {
  const hex = (file: string) => (attribute(host, `${folder}/${slot}/${file}`) ?? "0x").slice(2);
  const device = { vendor: hex("vendor"), device: hex("device") };
  const subsystem = { vendor: hex("subsystem_vendor"), device: hex("subsystem_device") };
  const [baseClass, subclass] = [hex("class").slice(0, 2), hex("class").slice(2, 4)];
  return {
    pci_slot: slot,
    pci_class: names.baseClass(baseClass),
    driver: host.readLink(`${folder}/${slot}/driver`)?.split("/").at(-1) ?? null,
    vendor: names.vendor(device.vendor),
    vendor_id: `0x${device.vendor}`,
    model: names.device(device.vendor, device.device),
    model_id: `0x${device.device}`,
    pci_class_id: `0x${baseClass}`,
    pci_subclass_id: `0x${subclass}`,
    pci_subclass: names.subclass(baseClass, subclass),
    subsystem_vendor_id: `0x${subsystem.vendor}`,
    subsystem_vendor: names.vendor(subsystem.vendor),
    subsystem_model_id: `0x${subsystem.device}`,
    subsystem_model: names.subsystem(device, subsystem),
  };
}

export const pciDevices = defineTable("pci_devices", {
  *generate(_request, host) {
    const slots = host.list(folder).toSorted();
    if (slots.length === 0) return;
    const names = pciNames(host);
    for (const slot of slots) yield pciDevice(host, slot, names);
  },
});
