import type { Host } from "../host.js";

// Where Debian and Fedora keep the list of https://pci-ids.ucw.cz.
const files = ["/usr/share/misc/pci.ids", "/usr/share/hwdata/pci.ids"];

/** Names of PCI vendors, devices and classes; ids are lower-case hexadecimal without 0x. */
export interface PciNames {
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

export function pciNames(host: Host): PciNames {
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
