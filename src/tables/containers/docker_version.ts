import { defineTable } from "../define_table.js";
import { dockerGet } from "../sources/docker_api.js";
import { textAt } from "../sources/json_file.js";

export const dockerVersion = defineTable("docker_version", {
  *generate(_request, host) {
    const version = dockerGet(host, "/version");
    if (version === null) return;
    yield {
      version: textAt(version, "Version"),
      api_version: textAt(version, "ApiVersion"),
      min_api_version: textAt(version, "MinAPIVersion"),
      git_commit: textAt(version, "GitCommit"),
      go_version: textAt(version, "GoVersion"),
      os: textAt(version, "Os"),
      arch: textAt(version, "Arch"),
      kernel_version: textAt(version, "KernelVersion"),
      build_time: textAt(version, "BuildTime"),
    };
  },
});
