import type { DirectoryEntry, Host } from "../host.js";
import { encodePath } from "../os_string.js";

// As osquery: levels that a trailing %% descends, which ends loops of bind mounts too.
const MAX_DEPTH = 64;
const SPECIAL = /[*?[{]/;

/** A directory ends with a slash, as GLOB_MARK of glob(3) has it. */
function marked(host: Host, path: string, kind: DirectoryEntry["kind"] = "unknown"): string {
  const isDirectory =
    kind === "directory" || (kind === "unknown" && host.stat(path)?.isDirectory() === true);
  return isDirectory ? `${path}/` : path;
}

/** Alternatives of the first `{a,b}` of a pattern, as csh(1) and GLOB_BRACE expand it. */
function expandBraces(pattern: string): readonly string[] {
  const open = pattern.indexOf("{");
  const close = closingBrace(pattern, open);
  if (open < 0 || close < 0 || close === open + 1) return [pattern];
  const [before, inside, after] = [
    pattern.slice(0, open),
    pattern.slice(open + 1, close),
    pattern.slice(close + 1),
  ];
  return splitAlternatives(inside).flatMap((part) => expandBraces(before + part + after));
}

function closingBrace(pattern: string, open: number): number {
  let depth = 0;
  for (let at = Math.max(open, 0); at < pattern.length; at++) {
    if (pattern[at] === "{") depth++;
    if (pattern[at] === "}" && --depth === 0) return at;
  }
  return -1;
}

function splitAlternatives(text: string): string[] {
  const parts = [""];
  let depth = 0;
  for (const character of text) {
    if (character === "{") depth++;
    if (character === "}") depth--;
    if (character === "," && depth === 0) parts.push("");
    else parts[parts.length - 1] += character;
  }
  return parts;
}

/** Regular expression for one level of a glob(7) pattern. */
function levelExpression(level: string): RegExp {
  let source = "";
  for (let at = 0; at < level.length; at++) {
    const character = level[at] ?? "";
    const close = character === "[" ? level.indexOf("]", at + 2) : -1;
    if (character === "*") source += level[at + 1] === "*" ? "" : "[^/]*";
    else if (character === "?") source += "[^/]";
    else if (close > 0) {
      const set = level.slice(at + 1, close).replaceAll(/[\\\]]/g, "\\$&");
      source += `[${set.replace(/^!/, "^")}]`;
      at = close;
    } else source += character.replaceAll(/[\\^$.|?*+()[\]{}]/g, "\\$&");
  }
  // A leading period must be written out (glob(7)).
  return new RegExp(`^${/^[*?[]/.test(level) ? "(?!\\.)" : ""}${source}$`, "su");
}

/** Existing paths that a pattern without ** matches, level by level. */
function* matches(host: Host, base: string, levels: readonly string[]): Iterable<string> {
  const [level, ...rest] = levels;
  if (level === undefined) {
    yield base;
    return;
  }
  if (!SPECIAL.test(level)) {
    const path = `${base}/${level}`;
    if (rest.length > 0 || level === "" || host.lstat(path) !== null) {
      yield* matches(host, path, rest);
    }
    return;
  }
  const expression = levelExpression(level);
  for (const name of host.list(base === "" ? "/" : base).toSorted()) {
    if (expression.test(name)) yield* matches(host, `${base}/${name}`, rest);
  }
}

/** Everything below a directory, hidden files too; each directory is entered once. */
function* descend(host: Host, directory: string, entered: Set<string>): Iterable<string> {
  const depth = directory.split("/").length;
  const stat = host.stat(directory);
  const identity = `${stat?.dev}:${stat?.ino}`;
  if (stat === null || entered.has(identity) || depth > MAX_DEPTH) return;
  entered.add(identity);
  for (const { name, kind } of host.entries(directory)) {
    const path = marked(host, `${directory}${name}`, kind);
    yield path;
    if (path.endsWith("/")) yield* descend(host, path, entered);
  }
}

/** Paths on the disk that a LIKE pattern of osquery means: `%` is one level, `%%` at the end all
 * levels below. SQLite applies LIKE to them afterwards, where % crosses slashes. */
export function* expandPathPattern(host: Host, like: string): Iterable<string> {
  const pattern = like.replaceAll("%", "*");
  // A file name longer than the system's limit names nothing.
  if (!pattern.startsWith("/") || encodePath(pattern).length > 4096) return;
  const isRecursive = pattern.endsWith("**");
  const entered = new Set<string>();
  const seen = new Set<string>();
  for (const alternative of expandBraces(isRecursive ? pattern.slice(0, -1) : pattern)) {
    for (const found of matches(host, "", alternative.split("/").slice(1))) {
      const path = found.endsWith("/") ? found : marked(host, found);
      if (seen.has(path)) continue;
      seen.add(path);
      yield path;
      if (isRecursive && path.endsWith("/")) yield* descend(host, path, entered);
    }
  }
}
