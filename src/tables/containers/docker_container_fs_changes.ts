import { defineTable } from "../define_table.js";
import { dockerGet, requestedIds } from "../sources/docker_api.js";
import { integerAt, listAt, textAt } from "../sources/json_file.js";

// The API's Kind: modified, added, deleted.
const changeKinds = ["C", "A", "D"];

export const dockerContainerFsChanges = defineTable("docker_container_fs_changes", {
  *generate(request, host) {
    for (const id of requestedIds(request) ?? []) {
      for (const change of listAt(dockerGet(host, `/containers/${id}/changes`))) {
        const change_type = changeKinds[integerAt(change, "Kind") ?? -1];
        if (change_type !== undefined) yield { id, path: textAt(change, "Path"), change_type };
      }
    }
  },
});
