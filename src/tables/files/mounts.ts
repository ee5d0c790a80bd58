import { readsAny } from "../constraints.js";
import { defineTable } from "../define_table.js";
import type { TableRows } from "../generated/table_schemas.js";
import type { Host } from "../host.js";

const noSpace = {
  blocks_size: 0,
  blocks: 0,
  blocks_free: 0,
  blocks_available: 0,
  inodes: 0,
  inodes_free: 0,
};
const spaceColumnNames = Object.keys(noSpace);
// statfs(2) would mount what autofs(5) only offers.
const notAsked = new Set(["autofs"]);

/** getmntent(3): blank, tab, newline, backslash and # are written in octal. */
const unescapeField = (text: string): string =>
  text.replaceAll(/\\([0-7]{3})/g, (_, digits) => String.fromCharCode(Number.parseInt(digits, 8)));

function spaceColumns(host: Host, path: string): Partial<TableRows["mounts"]> {
  const space = host.statfs(path);
  if (space === null) return noSpace;
  return {
    blocks_size: space.bsize,
    blocks: space.blocks,
    blocks_free: space.bfree,
    blocks_available: space.bavail,
    inodes: space.files,
    inodes_free: space.ffree,
  };
}

/** The device that a name such as /dev/disk/by-uuid/… or /dev/mapper/… is a link to. */
function resolveDevice(host: Host, device: string): string {
  if (!device.startsWith("/dev/")) return device;
  const link = host.readLink(device);
  if (link === null) return device;
  return new URL(link, `file://${device}`).pathname;
}

export const mounts = defineTable("mounts", {
  *generate(request, host) {
    for (const line of host.readText("/proc/self/mounts")?.split("\n") ?? []) {
      const [device, path, type, flags] = line.split(" ").map(unescapeField);
      if (device === undefined || path === undefined || type === undefined) continue;
      const asks = readsAny(request, spaceColumnNames) && !notAsked.has(type);
      yield {
        device,
        device_alias: resolveDevice(host, device),
        path,
        type,
        flags: flags ?? null,
        ...(asks ? spaceColumns(host, path) : noSpace),
      };
    }
  },
});
