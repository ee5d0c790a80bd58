import { defineTable } from "../define_table.js";
import { dockerNetworks, labelsOf } from "../sources/docker_api.js";

export const dockerNetworkLabels = defineTable("docker_network_labels", {
  *generate(request, host) {
    for (const { id, value } of dockerNetworks(request, host)) {
      for (const label of labelsOf(value)) yield { id, ...label };
    }
  },
});
