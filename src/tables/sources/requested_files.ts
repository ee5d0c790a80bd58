import type { TableRequest } from "../../native/connection.js";
import { likePatterns, textsEqualTo } from "../constraints.js";
import type { Host } from "../host.js";
import { expandPathPattern } from "./path_patterns.js";

/** A file that a query names, with the directory that it was found by. */
export interface RequestedFile {
  readonly path: string;
  readonly directory: string;
}

/** dirname(3) as boost's parent_path() has it: `/etc/` is in `/etc`. */
export function parentDirectory(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash === 0 ? "/" : path.slice(0, slash);
}

function* named(request: TableRequest, host: Host, column: string): Iterable<string> {
  yield* textsEqualTo(request, column) ?? [];
  for (const pattern of likePatterns(request, column)) yield* expandPathPattern(host, pattern);
}

/** Files that `path` and `directory` of a query mean; the tables `file` and `hash` have no other
 * rows. */
export function* requestedFiles(request: TableRequest, host: Host): Iterable<RequestedFile> {
  for (const path of named(request, host, "path")) {
    if (path.startsWith("/")) yield { path, directory: parentDirectory(path) };
  }
  for (const directory of named(request, host, "directory")) {
    if (!directory.startsWith("/")) continue;
    const prefix = directory.endsWith("/") ? directory : `${directory}/`;
    for (const name of host.list(directory)) yield { path: `${prefix}${name}`, directory };
  }
}
