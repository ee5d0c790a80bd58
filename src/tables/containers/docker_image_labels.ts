import { defineTable } from "../define_table.js";
import { dockerImages, labelsOf } from "../sources/docker_api.js";

export const dockerImageLabels = defineTable("docker_image_labels", {
  *generate(request, host) {
    for (const { id, value } of dockerImages(request, host)) {
      for (const label of labelsOf(value)) yield { id, ...label };
    }
  },
});
