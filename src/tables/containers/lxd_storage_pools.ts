import { defineTable } from "../define_table.js";
import { integerAt, textAt } from "../sources/json_file.js";
import { lxdGet, lxdObjects } from "../sources/lxd_api.js";

export const lxdStoragePools = defineTable("lxd_storage_pools", {
  *generate(_request, host) {
    for (const { url, value } of lxdObjects(host, "/1.0/storage-pools")) {
      const resources = lxdGet(host, `${url}/resources`);
      yield {
        name: textAt(value, "name"),
        driver: textAt(value, "driver"),
        source: textAt(value, "config", "source"),
        size: textAt(value, "config", "size"),
        space_used: integerAt(resources, "space", "used"),
        space_total: integerAt(resources, "space", "total"),
        inodes_used: integerAt(resources, "inodes", "used"),
        inodes_total: integerAt(resources, "inodes", "total"),
      };
    }
  },
});
