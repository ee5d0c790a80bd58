import { defineTable } from "../define_table.js";
import { dockerVolumes as listVolumes } from "../sources/docker_api.js";
import { textAt } from "../sources/json_file.js";

export const dockerVolumes = defineTable("docker_volumes", {
  *generate(request, host) {
    for (const volume of listVolumes(request, host)) {
      yield {
        name: textAt(volume, "Name"),
        driver: textAt(volume, "Driver"),
        mount_point: textAt(volume, "Mountpoint"),
        type: textAt(volume, "Options", "type"),
      };
    }
  },
});
