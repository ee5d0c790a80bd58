import { defineTable } from "../define_table.js";
import { dockerContainers, labelsOf } from "../sources/docker_api.js";

export const dockerContainerLabels = defineTable("docker_container_labels", {
  *generate(request, host) {
    for (const { id, value } of dockerContainers(request, host)) {
      for (const label of labelsOf(value)) yield { id, ...label };
    }
  },
});
