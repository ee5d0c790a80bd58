import { textsEqualTo } from "../constraints.js";
import { defineTable } from "../define_table.js";
import { flagAt, integerAt, stringsAt, textAt } from "../sources/json_file.js";
import { lxdGet } from "../sources/lxd_api.js";

export const lxdInstances = defineTable("lxd_instances", {
  *generate(request, host) {
    const named = textsEqualTo(request, "name")?.map(
      (name) => `/1.0/instances/${encodeURIComponent(name)}`,
    );
    for (const url of named ?? stringsAt(lxdGet(host, "/1.0/instances"))) {
      const instance = lxdGet(host, url);
      if (instance === null) continue;
      const state = lxdGet(host, `${url}/state`);
      yield {
        name: textAt(instance, "name"),
        status: textAt(instance, "status"),
        stateful: flagAt(instance, "stateful"),
        ephemeral: flagAt(instance, "ephemeral"),
        created_at: textAt(instance, "created_at"),
        base_image: textAt(instance, "config", "volatile.base_image"),
        architecture: textAt(instance, "architecture"),
        os: textAt(instance, "config", "image.os"),
        description: textAt(instance, "config", "image.description"),
        pid: integerAt(state, "pid"),
        processes: integerAt(state, "processes"),
      };
    }
  },
});
