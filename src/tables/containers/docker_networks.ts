import { defineTable } from "../define_table.js";
import { flagAt, listAt, textAt } from "../sources/json_file.js";
import { fetchNetworks, labelsOf } from "./docker_api.js";

export const dockerNetworks = defineTable("docker_networks", {
  *generate(request, host) {
    for (const { id, value } of fetchNetworks(request, host)) {
      const [first] = listAt(value, "IPAM", "Config");
      const created = Math.floor(Date.parse(textAt(value, "Created") ?? "") / 1000);
      yield {
        id,
        name: textAt(value, "Name"),
        driver: textAt(value, "Driver"),
        created: Number.isNaN(created) ? null : created,
        enable_ipv6: flagAt(value, "EnableIPv6"),
        subnet: textAt(first, "Subnet"),
        gateway: textAt(first, "Gateway"),
      };
    }
  },
});

export const dockerNetworkLabels = defineTable("docker_network_labels", {
  *generate(request, host) {
    for (const { id, value } of fetchNetworks(request, host)) {
      for (const label of labelsOf(value)) yield { id, ...label };
    }
  },
});
