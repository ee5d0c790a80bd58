// A tree of USB devices as sysfs has them, read by lsusb in a mount namespace of its own.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { needs, output, table } from "./independent_source.js";
import { pick } from "./made_up_host.js";
import { hostBelow, rowsOf } from "./table_rows.js";

const root = mkdtempSync(join(tmpdir(), "auditql-usb-"));
after(() => rmSync(root, { recursive: true }));

interface Device {
  readonly name: string;
  readonly bus: number;
  readonly device: number;
  readonly vendor: number;
  readonly model: number;
  readonly release: number;
  /** bDeviceClass, bDeviceSubClass and bDeviceProtocol. */
  readonly kind: readonly [number, number, number];
  readonly strings?: Readonly<Record<"manufacturer" | "product" | "serial", string>>;
}

const hex = (value: number, digits: number) => value.toString(16).padStart(digits, "0");

/** The device's descriptor, and a configuration with one interface (USB 2.0, 9.6). */
function descriptors({ vendor, model, release, kind, strings }: Device): Buffer {
  const ids = Buffer.alloc(6);
  [vendor, model, release].forEach((value, at) => {
    ids.writeUInt16LE(value, at * 2);
  });
  const names = strings === undefined ? [0, 0, 0] : [3, 2, 1];
  return Buffer.from([
    ...[18, 1, 0, 2, ...kind, 64, ...ids, ...names, 1],
    ...[9, 2, 18, 0, 1, 1, 0, 0x80, 50],
    ...[9, 4, 0, 0, 0, 0xff, 0, 0, 0],
  ]);
}

function plugIn(device: Device): void {
  const path = join(root, "sys/devices/pci0000:00", device.name);
  mkdirSync(path, { recursive: true });
  const [kind = 0, subclass = 0, protocol = 0] = device.kind;
  const files = {
    busnum: device.bus,
    devnum: device.device,
    idVendor: hex(device.vendor, 4),
    idProduct: hex(device.model, 4),
    bcdDevice: hex(device.release, 4),
    bDeviceClass: hex(kind, 2),
    bDeviceSubClass: hex(subclass, 2),
    bDeviceProtocol: hex(protocol, 2),
    bConfigurationValue: 1,
    speed: 480,
    removable: "unknown",
    ...device.strings,
    uevent: `DEVTYPE=usb_device\nDEVNAME=bus/usb/00${device.bus}/00${device.device}\nMAJOR=189\nMINOR=${device.bus * 128 + device.device}`,
  };
  for (const [name, value] of Object.entries(files)) writeFileSync(join(path, name), `${value}\n`);
  writeFileSync(join(path, "descriptors"), descriptors(device));
  symlinkSync("../../../bus/usb", join(path, "subsystem"));
  symlinkSync(
    `../../../devices/pci0000:00/${device.name}`,
    join(root, "sys/bus/usb/devices", device.name),
  );
}

const hub = { manufacturer: "Linux 6.1 xhci-hcd", product: "xHCI Host", serial: "0000:00:14.0" };
const usbDevices: readonly Device[] = [
  {
    ...{ name: "usb1", bus: 1, device: 1, vendor: 0x1d6b, model: 2, release: 0x0601 },
    ...{ kind: [9, 0, 1], strings: hub },
  },
  {
    ...{ name: "1-4.2", bus: 1, device: 7, vendor: 0x0bda, model: 0xf179, release: 0x1c9f },
    kind: [0xef, 2, 1],
  },
];

/** What lsusb tells of each device, field by field. */
function told(): string[] {
  // libudev else takes nothing for sysfs that is none.
  const script = `mount --bind ${root}/sys /sys && SYSTEMD_DEVICE_VERIFY_SYSFS=0 lsusb -v 2>/dev/null`;
  return output("unshare", "-m", "sh", "-c", script)
    .split(/^(?=Bus \d)/m)
    .filter((text) => text.startsWith("Bus"))
    .map((text) => {
      const [, bus, device] = text.match(/^Bus (\d+) Device (\d+)/) ?? [];
      const field = (name: string) => text.match(new RegExp(`${name} +(\\S+)`))?.[1];
      const named = (name: string) => text.match(new RegExp(`${name} +[1-9] (.+)`))?.[1]?.trim();
      return [
        ...[Number(bus), Number(device), field("idVendor"), field("idProduct"), field("bcdDevice")],
        ...[field("bDeviceClass"), field("bDeviceSubClass"), field("bDeviceProtocol")],
        ...[named("iManufacturer"), named("iProduct"), named("iSerial")],
      ].join("|");
    });
}

test("usb_devices equals lsusb", {
  skip: needs("lsusb") || (process.getuid?.() === 0 ? false : "needs root"),
}, (context) => {
  if (spawnSync("unshare", ["-m", "true"]).status !== 0) {
    context.skip("no mount namespaces here");
    return;
  }
  mkdirSync(join(root, "sys/bus/usb/devices"), { recursive: true });
  mkdirSync(join(root, "sys/class"));
  usbDevices.forEach(plugIn);
  // Interfaces stand beside devices.
  mkdirSync(join(root, "sys/bus/usb/devices/1-4.2:1.0"));
  const ids = ["usb_address", "usb_port", "vendor_id", "model_id", "version"];
  const names = ["class", "subclass", "protocol", "vendor", "model", "serial"];
  const shown = pick(rowsOf(table("usb_devices"), [], hostBelow(root)), ...ids, ...names).map(
    ([bus, device, vendor, model, version, ...rest]) =>
      [
        ...[bus, device, `0x${vendor}`, `0x${model}`],
        String(version).replace(/^0?(\w+)(\w\w)$/, "$1.$2"),
        ...rest,
      ].join("|"),
  );
  assert.deepEqual(shown.sort(), told().sort());
  assert.equal(shown.length, usbDevices.length);
});
