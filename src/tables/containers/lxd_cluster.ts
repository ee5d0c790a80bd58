import { defineTable } from "../define_table.js";
import { flagAt, listAt, textAt } from "../sources/json_file.js";
import { lxdGet } from "../sources/lxd_api.js";

export const lxdCluster = defineTable("lxd_cluster", {
  *generate(_request, host) {
    const cluster = lxdGet(host, "/1.0/cluster");
    for (const setting of listAt(cluster, "member_config")) {
      yield {
        server_name: textAt(cluster, "server_name"),
        enabled: flagAt(cluster, "enabled"),
        member_config_entity: textAt(setting, "entity"),
        member_config_name: textAt(setting, "name"),
        member_config_key: textAt(setting, "key"),
        member_config_value: textAt(setting, "value"),
        member_config_description: textAt(setting, "description"),
      };
    }
  },
});
