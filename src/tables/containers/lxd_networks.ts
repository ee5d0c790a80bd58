import { defineTable } from "../define_table.js";
import { flagAt, integerAt, stringsAt, textAt } from "../sources/json_file.js";
import { lxdGet, lxdObjects } from "../sources/lxd_api.js";

export const lxdNetworks = defineTable("lxd_networks", {
  *generate(_request, host) {
    for (const { url, value } of lxdObjects(host, "/1.0/networks")) {
      const state = lxdGet(host, `${url}/state`);
      yield {
        name: textAt(value, "name"),
        type: textAt(value, "type"),
        managed: flagAt(value, "managed"),
        ipv4_address: textAt(value, "config", "ipv4.address"),
        ipv6_address: textAt(value, "config", "ipv6.address"),
        used_by: stringsAt(value, "used_by").join(","),
        bytes_received: integerAt(state, "counters", "bytes_received"),
        bytes_sent: integerAt(state, "counters", "bytes_sent"),
        packets_received: integerAt(state, "counters", "packets_received"),
        packets_sent: integerAt(state, "counters", "packets_sent"),
        hwaddr: textAt(state, "hwaddr"),
        state: textAt(state, "state"),
        mtu: integerAt(state, "mtu"),
      };
    }
  },
});
