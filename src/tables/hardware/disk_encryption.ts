import { textsEqualTo } from "../constraints.js";
import { defineTable } from "../define_table.js";
import type { Host } from "../host.js";
import { attribute } from "../sources/text_lines.js";
import { udevProperties } from "./udev_database.js";

const folder = "/sys/class/block";
// dm-crypt names its devices CRYPT-<type>-<uuid>-<name> (cryptsetup, lib/libdevmapper.c).
const cryptUuid = /^CRYPT-([A-Z0-9]+)-/;

/** Devices that a device stands on: its slaves, and the disk of a partition. */
function lowerDevices(host: Host, name: string): readonly string[] {
  const disk = host.readLink(`${folder}/${name}`)?.split("/").at(-2) ?? "";
  const isPartition = attribute(host, `${folder}/${name}/partition`) !== null;
  return [...host.list(`${folder}/${name}/slaves`), ...(isPartition ? [disk] : [])];
}

/** Kind of encryption of a device or of what it stands on; null for none. */
function encryptionType(host: Host, name: string, seen: ReadonlySet<string>): string | null {
  if (seen.has(name)) return null;
  const own = attribute(host, `${folder}/${name}/dm/uuid`)?.match(cryptUuid)?.[1];
  if (own !== undefined) return own;
  for (const lower of lowerDevices(host, name)) {
    const type = encryptionType(host, lower, new Set([...seen, name]));
    if (type !== null) return type;
  }
  return null;
}

export const diskEncryption = defineTable("disk_encryption", {
  *generate(request, host) {
    const wanted = textsEqualTo(request, "name");
    for (const name of host.list(folder).toSorted()) {
      if (wanted !== null && !wanted.includes(`/dev/${name}`)) continue;
      const type = encryptionType(host, name, new Set());
      const udev = udevProperties(host, attribute(host, `${folder}/${name}/dev`) ?? "");
      yield {
        name: `/dev/${name}`,
        uuid: udev.get("ID_FS_UUID") ?? null,
        encrypted: type === null ? 0 : 1,
        type: type ?? "",
        encryption_status: type === null ? "not encrypted" : "encrypted",
      };
    }
  },
});
