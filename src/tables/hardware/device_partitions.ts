import { textsEqualTo } from "../constraints.js";
import { defineTable } from "../define_table.js";
import { attribute, numericAttribute } from "../sources/text_lines.js";
import { udevProperties } from "./udev_database.js";

const folder = "/sys/class/block";
// sysfs counts sectors of this size, whatever the disk has (Documentation/ABI/stable/sysfs-block).
const sectorBytes = 512;

export const devicePartitions = defineTable("device_partitions", {
  *generate(request, host) {
    for (const device of textsEqualTo(request, "device") ?? []) {
      const disk = device.match(/^\/dev\/([^/]+)$/)?.[1];
      if (disk === undefined || !host.stat(`${folder}/${disk}`)?.isDirectory()) continue;
      for (const name of host.list(`${folder}/${disk}`).toSorted()) {
        const partition = numericAttribute(host, `${folder}/${disk}/${name}/partition`);
        if (partition === null) continue;
        const at = `${folder}/${disk}/${name}`;
        const udev = udevProperties(host, attribute(host, `${at}/dev`) ?? "");
        const start = numericAttribute(host, `${at}/start`);
        yield {
          device,
          partition,
          label: udev.get("ID_PART_ENTRY_NAME") ?? udev.get("ID_PART_ENTRY_TYPE") ?? null,
          type: "normal",
          offset: start === null ? null : start * sectorBytes,
          blocks_size: sectorBytes,
          blocks: numericAttribute(host, `${at}/size`),
          inodes: 0,
          flags: 0,
        };
      }
    }
  },
});
