import { defineTable } from "../define_table.js";
import { flagAt, textAt } from "../sources/json_file.js";
import { lxdObjects } from "../sources/lxd_api.js";

export const lxdClusterMembers = defineTable("lxd_cluster_members", {
  *generate(_request, host) {
    for (const { value } of lxdObjects(host, "/1.0/cluster/members")) {
      yield {
        server_name: textAt(value, "server_name"),
        url: textAt(value, "url"),
        database: flagAt(value, "database"),
        status: textAt(value, "status"),
        message: textAt(value, "message"),
      };
    }
  },
});
