import { defineTable } from "../define_table.js";
import type { TableRows } from "../generated/table_schemas.js";
import type { Host } from "../host.js";
import { attribute, numericAttribute } from "../sources/text_lines.js";

const folder = "/sys/bus/usb/devices";

function usbDevice(host: Host, name: string): TableRows["usb_devices"] | null {
  const read = (file: string) => attribute(host, `${folder}/${name}/${file}`);
  // udev's TYPE has the three in decimal; sysfs in hexadecimal.
  const decimal = (file: string) => String(Number.parseInt(read(file) ?? "0", 16));
  const bus = numericAttribute(host, `${folder}/${name}/busnum`);
  const device = numericAttribute(host, `${folder}/${name}/devnum`);
  // Interfaces of devices (1-1:1.0) stand beside them and have no number.
  if (bus === null || device === null) return null;
  return {
    usb_address: bus,
    usb_port: device,
    vendor: read("manufacturer"),
    vendor_id: read("idVendor"),
    version: read("bcdDevice"),
    model: read("product"),
    model_id: read("idProduct"),
    serial: read("serial"),
    class: decimal("bDeviceClass"),
    subclass: decimal("bDeviceSubClass"),
    protocol: decimal("bDeviceProtocol"),
    removable: read("removable") === "unknown" ? -1 : 1,
  };
}

export const usbDevices = defineTable("usb_devices", {
  *generate(_request, host) {
    for (const name of host.list(folder).toSorted()) {
      const row = usbDevice(host, name);
      if (row !== null) yield row;
    }
  },
});
