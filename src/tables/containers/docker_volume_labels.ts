import { defineTable } from "../define_table.js";
import { dockerVolumes, labelsOf } from "../sources/docker_api.js";
import { textAt } from "../sources/json_file.js";

export const dockerVolumeLabels = defineTable("docker_volume_labels", {
  *generate(request, host) {
    for (const volume of dockerVolumes(request, host)) {
      const name = textAt(volume, "Name");
      for (const label of labelsOf(volume)) yield { name, ...label };
    }
  },
});
