import { textsEqualTo } from "../constraints.js";
import { defineTable } from "../define_table.js";
import { entriesOf, memberOf, textAt } from "../sources/json_file.js";
import { lxdInstance } from "../sources/lxd_api.js";

export const lxdInstanceDevices = defineTable("lxd_instance_devices", {
  *generate(request, host) {
    for (const name of textsEqualTo(request, "name") ?? []) {
      const devices = entriesOf(memberOf(lxdInstance(host, name), "expanded_devices"));
      for (const [device, settings] of devices) {
        const device_type = textAt(settings, "type");
        for (const [key, value] of entriesOf(settings)) {
          if (key !== "type") yield { name, device, device_type, key, value: textAt(value) };
        }
      }
    }
  },
});
