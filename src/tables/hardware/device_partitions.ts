import { textsEqualTo } from "../constraints.js";
import { defineTable } from "../define_table.js";
import { attribute, numericAttribute } from "../sources/text_lines.js";
import { udevProperties } from "../sources/udev_database.js";

const FOLDER = "/sys/class/block";
// sysfs counts sectors of this size, whatever the disk has (Documentation/ABI/stable/sysfs-block).
const SECTOR_BYTES = 512;

export const devicePartitions = defineTable("device_partitions", {
  *generate(request, host) {
    for (const device of textsEqualTo(request, "device") ?? []) {
      const disk = device.match(/^\/dev\/([^/]+)$/)?.[1];
      if (disk === undefined || !host.stat(`${FOLDER}/${disk}`)?.isDirectory()) continue;
      for (const name of host.list(`${FOLDER}/${disk}`).toSorted()) {
        const partition = numericAttribute(host, `${FOLDER}/${disk}/${name}/partition`);
        if (partition === null) continue;
        const at = `${FOLDER}/${disk}/${name}`;
        const udev = udevProperties(host, attribute(host, `${at}/dev`) ?? "");
        const start = numericAttribute(host, `${at}/start`);
        yield {
          device,
          partition,
          label: udev.get("ID_PART_ENTRY_NAME") ?? udev.get("ID_PART_ENTRY_TYPE") ?? null,
          type: "normal",
          offset: start === null ? null : start * SECTOR_BYTES,
          blocks_size: SECTOR_BYTES,
          blocks: numericAttribute(host, `${at}/size`),
          inodes: 0,
          flags: 0,
        };
      }
    }
  },
});
