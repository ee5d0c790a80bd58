import { textsEqualTo } from "../constraints.js";
import { defineTable } from "../define_table.js";
import { entriesOf, memberOf, textAt } from "../sources/json_file.js";
import { lxdInstance } from "../sources/lxd_api.js";

export const lxdInstanceConfig = defineTable("lxd_instance_config", {
  *generate(request, host) {
    for (const name of textsEqualTo(request, "name") ?? []) {
      for (const [key, value] of entriesOf(memberOf(lxdInstance(host, name), "config"))) {
        yield { name, key, value: textAt(value) };
      }
    }
  },
});
