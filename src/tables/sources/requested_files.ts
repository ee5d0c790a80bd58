import type { TableRequest } from "../../native/connection.js";
import {
  globPatterns,
  likePatterns,
  satisfies,
  textsEqualTo,
  withoutRespellings,
} from "../constraints.js";
import type { Host } from "../host.js";
import { plainPath, shownPath } from "../os_string.js";
import { expandPathGlob, expandPathPattern } from "./path_patterns.js";

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

/** What conditions on a column of paths name: the texts that it must be equal to or, where none
 * are given, its patterns. */
interface Named {
  readonly exact: readonly string[] | null;
  readonly patterns: readonly Iterable<string>[];
}

function namedBy(request: TableRequest, host: Host, column: string): Named {
  const exact = textsEqualTo(request, column);
  if (exact !== null) {
    return { exact: withoutRespellings(exact.filter(satisfies(request, column))), patterns: [] };
  }
  const likes = likePatterns(request, column).map((like) => expandPathPattern(host, like));
  const globs = globPatterns(request, column).map((glob) => expandPathGlob(host, glob));
  return { exact, patterns: [...likes, ...globs] };
}

function* pathsOf({ exact, patterns }: Named): Iterable<string> {
  for (const path of exact ?? []) if (path.startsWith("/")) yield path;
  for (const pattern of patterns) yield* pattern;
}

/** Paths that a column of a query names, each once; null when it names none and all would do. */
export function requestedPaths(
  request: TableRequest,
  host: Host,
  column: string,
): Iterable<string> | null {
  const named = namedBy(request, host, column);
  if (named.exact === null && named.patterns.length === 0) return null;
  if (named.exact !== null || named.patterns.length === 1) return pathsOf(named);
  return uniqueWhere(pathsOf(named), (path) => path, satisfies(request, column));
}

function* uniqueWhere<T>(
  items: Iterable<T>,
  pathOf: (item: T) => string,
  isWanted: (shown: string) => boolean,
): Iterable<T> {
  const seen = new Set<string>();
  for (const item of items) {
    const plain = plainPath(pathOf(item));
    // What SQLite would drop must not stand in for the same file under a name that it keeps.
    if (seen.has(plain) || !isWanted(shownPath(pathOf(item)))) continue;
    seen.add(plain);
    yield item;
  }
}

function* filesIn(directories: Iterable<string>, host: Host): Iterable<RequestedFile> {
  for (const directory of directories) {
    const prefix = directory.endsWith("/") ? directory : `${directory}/`;
    for (const name of host.list(directory)) yield { path: `${prefix}${name}`, directory };
  }
}

function* filesAt(paths: Iterable<string>): Iterable<RequestedFile> {
  for (const path of paths) yield { path, directory: parentDirectory(path) };
}

function* filesOf(paths: Named, directories: Named, host: Host): Iterable<RequestedFile> {
  if (paths.exact !== null) yield* filesAt(pathsOf(paths));
  yield* filesIn(pathsOf(directories), host);
  if (paths.exact === null) yield* filesAt(pathsOf(paths));
}

/** Files that `path` and `directory` of a query mean, each once; the tables `file`, `hash` and
 * `extended_attributes` have no other rows. */
export function requestedFiles(request: TableRequest, host: Host): Iterable<RequestedFile> {
  const paths = namedBy(request, host, "path");
  const directories = namedBy(request, host, "directory");
  const files = filesOf(paths, directories, host);
  const sources = [paths, directories].flatMap(({ exact, patterns }) => [
    ...(exact ?? []),
    ...patterns,
  ]);
  // The paths of one source differ: only those of several have to be remembered.
  if (sources.length <= 1) return files;
  const isDirectory = satisfies(request, "directory");
  const inDirectory = filtered(files, ({ directory }) => isDirectory(shownPath(directory)));
  return uniqueWhere(inDirectory, ({ path }) => path, satisfies(request, "path"));
}

function* filtered<T>(items: Iterable<T>, isWanted: (item: T) => boolean): Iterable<T> {
  for (const item of items) if (isWanted(item)) yield item;
}
