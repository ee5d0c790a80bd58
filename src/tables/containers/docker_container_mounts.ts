import { defineTable } from "../define_table.js";
import { dockerContainers } from "../sources/docker_api.js";
import { flagAt, listAt, textAt } from "../sources/json_file.js";

export const dockerContainerMounts = defineTable("docker_container_mounts", {
  *generate(request, host) {
    for (const { id, value } of dockerContainers(request, host)) {
      for (const mount of listAt(value, "Mounts")) {
        yield {
          id,
          type: textAt(mount, "Type"),
          name: textAt(mount, "Name"),
          source: textAt(mount, "Source"),
          destination: textAt(mount, "Destination"),
          driver: textAt(mount, "Driver"),
          mode: textAt(mount, "Mode"),
          rw: flagAt(mount, "RW"),
          propagation: textAt(mount, "Propagation"),
        };
      }
    }
  },
});
