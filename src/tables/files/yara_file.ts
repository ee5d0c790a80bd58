import { defineTable } from "../define_table.js";
import { mountScopes } from "../mount_scopes.js";
import { shownPath } from "../os_string.js";
import { requestedPaths } from "../sources/requested_files.js";
import { requestedRules, scanColumns } from "../sources/yara_request.js";

export const yaraFile = defineTable("yara_file", {
  *generate(request, host) {
    const sources = host.sources();
    if (sources === null) return;
    for (const scope of mountScopes(request, host)) {
      for (const rules of requestedRules(request, host)) {
        for (const path of requestedPaths(request, scope.host, "path") ?? []) {
          const bytes = scope.host.readFile(path);
          const columns = bytes === null ? null : scanColumns(sources, rules, bytes);
          if (columns !== null) yield { path: shownPath(path), ...columns, ...scope.columns };
        }
      }
    }
  },
});
