import type { FileDescription, TableSources } from "../../native/table_sources.js";
import { textsEqualTo } from "../constraints.js";
import { defineTable } from "../define_table.js";
import type { Host } from "../host.js";
import { encodePath, shownPath } from "../os_string.js";
import { requestedPaths } from "../sources/requested_files.js";

/** Patterns of the caller's own, asked one after the other, tell every byte of a file. */
function admitsDatabases(host: Host, databases: readonly string[]): boolean {
  host.requireTrusted("A database of libmagic");
  return databases
    .flatMap((files) => files.split(":"))
    .every((path) => {
      const file = host.openFile(path);
      file?.close();
      return file !== null || host.stat(path)?.isFile() !== true;
    });
}

/** A regular file is read through the descriptor by which it was admitted; of all else libmagic
 * tells the kind alone. */
function describe(
  { sources, host }: { readonly sources: TableSources; readonly host: Host },
  path: string,
  databases: string,
): FileDescription | null {
  if (host.lstat(path)?.isFile() !== true) return sources.describeFile(encodePath(path), databases);
  const file = host.openFile(path);
  if (file === null) return null;
  try {
    return sources.describeFile(file.fd, databases);
  } finally {
    file.close();
  }
}

export const magic = defineTable("magic", {
  *generate(request, host) {
    const sources = host.sources();
    if (sources === null) return;
    const databases = textsEqualTo(request, "magic_db_files");
    if (databases !== null && !admitsDatabases(host, databases)) return;
    for (const path of requestedPaths(request, host, "path") ?? []) {
      for (const files of databases ?? [""]) {
        const found = describe({ sources, host: host.asEveryone() }, path, files);
        if (found === null) continue;
        yield {
          path: shownPath(path),
          magic_db_files: files,
          data: found.data,
          mime_type: found.mimeType,
          mime_encoding: found.mimeEncoding,
        };
      }
    }
  },
});
