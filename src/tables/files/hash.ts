import { defineTable } from "../define_table.js";
import { mountScopes } from "../mount_scopes.js";
import { shownPath } from "../os_string.js";
import { requestedFiles } from "../sources/requested_files.js";
import { HashCache, type HashName } from "./hash_cache.js";

const hashNames: readonly HashName[] = ["md5", "sha1", "sha256"];
const hasher = new HashCache();

export const hash = defineTable("hash", {
  *generate(request, host) {
    const names = hashNames.filter((name) => request.columns.has(name));
    for (const scope of mountScopes(request, host)) {
      for (const { path, directory } of requestedFiles(request, scope.host)) {
        const hashes = scope.host.stat(path)?.isFile()
          ? hasher.hash(scope.host.asEveryone(), path, names)
          : null;
        if (hashes === null) continue;
        yield {
          path: shownPath(path),
          directory: shownPath(directory),
          ...hashes,
          ...scope.namespaceColumns,
        };
      }
    }
  },
});
