import { defineTable } from "../define_table.js";
import { dockerContainers } from "../sources/docker_api.js";
import { integerAt, listAt, textAt } from "../sources/json_file.js";

export const dockerContainerPorts = defineTable("docker_container_ports", {
  *generate(request, host) {
    for (const { id, value } of dockerContainers(request, host)) {
      for (const port of listAt(value, "Ports")) {
        yield {
          id,
          type: textAt(port, "Type"),
          port: integerAt(port, "PrivatePort"),
          host_ip: textAt(port, "IP"),
          host_port: integerAt(port, "PublicPort") ?? 0,
        };
      }
    }
  },
});
