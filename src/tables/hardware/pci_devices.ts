import { defineTable } from "../define_table.js";
import type { TableRows } from "../generated/table_schemas.js";
import type { Host } from "../host.js";
import { attribute } from "../sources/text_lines.js";

// Where Debian and Fedora keep the list of https://pci-ids.ucw.cz.
const files = ["/usr/share/misc/pci.ids", "/usr/share/hwdata/pci.ids"];

/** Names of PCI vendors, devices and classes; ids are lower-case hexadecimal without 0x. */
interface PciNames {
  vendor(vendor: string): string | null;
  device(vendor: string, device: string): string | null;
  subsystem(device: PciDeviceId, subsystem: PciDeviceId): string | null;
  baseClass(id: string): string | null;
  subclass(id: string, subclass: string): string | null;
}

interface PciDeviceId {
  readonly vendor: string;
  readonly device: string;
}

/** Entries by path: `8086`, `8086/1237`, `8086/1237/1af4 1100`, `C 01`, `C 01/06`. */
function parseNames(text: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const path: string[] = [];
  for (const line of text.split("\n")) {
    const [, tabs = "", id = "", name = ""] =
      line.match(/^(\t*)((?:C )?\S+(?: \S+)?) {2}(.*)$/) ?? [];
    if (id === "" || line.startsWith("#")) continue;
    path.splice(tabs.length, path.length, id);
    names.set(path.join("/"), name);
  }
  return names;
}

function pciNames(host: Host): PciNames {
  const text = files.map((file) => host.readText(file)).find((content) => content !== null);
  const names = parseNames(text ?? "");
  const find = (...path: string[]) => names.get(path.join("/")) ?? null;
  return {
    vendor: (vendor) => find(vendor),
    device: (vendor, device) => find(vendor, device),
    subsystem: (device, subsystem) =>
      find(device.vendor, device.device, `${subsystem.vendor} ${subsystem.device}`),
    baseClass: (id) => find(`C ${id}`),
    subclass: (id, subclass) => find(`C ${id}`, subclass),
  };
}

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
