import { defineTable } from "../define_table.js";
import { textAt } from "../sources/json_file.js";
import { fetchVolumes, labelsOf } from "./docker_api.js";

export const dockerVolumes = defineTable("docker_volumes", {
  *generate(request, host) {
    for (const volume of fetchVolumes(request, host)) {
      yield {
        name: textAt(volume, "Name"),
        driver: textAt(volume, "Driver"),
        mount_point: textAt(volume, "Mountpoint"),
        type: textAt(volume, "Options", "type"),
      };
    }
  },
});

export const dockerVolumeLabels = defineTable("docker_volume_labels", {
  *generate(request, host) {
    for (const volume of fetchVolumes(request, host)) {
      const name = textAt(volume, "Name");
      for (const label of labelsOf(volume)) yield { name, ...label };
    }
  },
});
