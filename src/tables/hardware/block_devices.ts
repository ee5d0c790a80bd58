import { textsEqualTo } from "../constraints.js";
import { defineTable } from "../define_table.js";
import type { TableRows } from "../generated/table_schemas.js";
import type { Host } from "../host.js";
import { attribute, numericAttribute } from "../sources/text_lines.js";
import { udevProperties } from "./udev_database.js";

const folder = "/sys/class/block";

/** The disk of a partition, whose directory holds the partition's. */
function parentDisk(host: Host, name: string): string | null {
  if (attribute(host, `${folder}/${name}/partition`) === null) return null;
  return host.readLink(`${folder}/${name}`)?.split("/").at(-2) ?? null;
}

function blockDevice(host: Host, name: string): TableRows["block_devices"] {
  const parent = parentDisk(host, name);
  const disk = parent ?? name;
  const read = (path: string) => attribute(host, `${folder}/${path}`);
  const udev = udevProperties(host, read(`${name}/dev`) ?? "");
  return {
    name: `/dev/${name}`,
    parent: parent === null ? null : `/dev/${parent}`,
    vendor: read(`${disk}/device/vendor`),
    model: read(`${disk}/device/model`),
    serial:
      read(`${disk}/serial`) ??
      read(`${disk}/device/serial`) ??
      udev.get("ID_SERIAL_SHORT") ??
      null,
    size: numericAttribute(host, `${folder}/${name}/size`),
    block_size: numericAttribute(host, `${folder}/${disk}/queue/logical_block_size`),
    uuid: udev.get("ID_FS_UUID") ?? null,
    type: udev.get("ID_FS_TYPE") ?? null,
    label: udev.get("ID_FS_LABEL") ?? null,
  };
}

export const blockDevices = defineTable("block_devices", {
  *generate(request, host) {
    const wanted = textsEqualTo(request, "name");
    for (const name of host.list(folder).toSorted()) {
      if (wanted === null || wanted.includes(`/dev/${name}`)) yield blockDevice(host, name);
    }
  },
});
