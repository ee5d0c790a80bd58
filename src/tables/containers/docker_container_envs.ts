import { defineTable } from "../define_table.js";
import { dockerContainers, dockerGet } from "../sources/docker_api.js";
import { stringsAt } from "../sources/json_file.js";

export const dockerContainerEnvs = defineTable("docker_container_envs", {
  *generate(request, host) {
    for (const { id } of dockerContainers(request, host)) {
      const details = dockerGet(host, `/containers/${id}/json`);
      for (const variable of stringsAt(details, "Config", "Env")) {
        const equals = variable.indexOf("=");
        const end = equals < 0 ? variable.length : equals;
        yield { id, key: variable.slice(0, end), value: variable.slice(end + 1) };
      }
    }
  },
});
