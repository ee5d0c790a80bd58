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

/** Patterns that the alternatives `{a,b}` of one stand for, as csh(1) and GLOB_BRACE expand them;
 * one by one, because their number doubles with each. */
function* expandBraces(pattern: string): Iterable<string> {
  const open = pattern.indexOf("{");
  const close = closingBrace(pattern, open);
  if (open < 0 || close < 0 || close === open + 1) {
    yield pattern;
    return;
  }
  const [before, inside, after] = [
    pattern.slice(0, open),
    pattern.slice(open + 1, close),
    pattern.slice(close + 1),
  ];
  for (const part of splitAlternatives(inside)) yield* expandBraces(before + part + after);
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

/** One level of a glob(7) pattern, parted at its stars: regular expressions of what stands between,
 * each of one length. */
function partsOfLevel(level: string): readonly string[] {
  const parts = [""];
  const append = (source: string) => {
    parts[parts.length - 1] += source;
  };
  for (let at = 0; at < level.length; at++) {
    const character = level[at] ?? "";
    const close = character === "[" ? level.indexOf("]", at + 2) : -1;
    if (character === "*") parts.push("");
    else if (character === "?") append("[^/]");
    else if (close > 0) {
      const set = level.slice(at + 1, close).replaceAll(/[\\\]]/g, "\\$&");
      append(`[${set.replace(/^!/, "^")}]`);
      at = close;
    } else append(character.replaceAll(/[\\^$.|?*+()[\]{}]/g, "\\$&"));
  }
  return parts;
}

/** Whether names match one level of a pattern. The part after each star is taken where it comes
 * first, which is as good as any: one expression for all would try every other place too. */
function levelMatcher(level: string): (name: string) => boolean {
  const parts = partsOfLevel(level);
  const last = parts.length - 1;
  const expressions = parts.map(
    (part, index) => new RegExp(`${part}${index === last ? "$" : ""}`, index === 0 ? "suy" : "sug"),
  );
  // A leading period must be written out (glob(7)).
  const takesHidden = !/^[*?[]/.test(level);
  return (name) => {
    if (!takesHidden && name.startsWith(".")) return false;
    let at = 0;
    return expressions.every((expression) => {
      expression.lastIndex = at;
      const isFound = expression.test(name);
      at = expression.lastIndex;
      return isFound;
    });
  };
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
  const isMatch = levelMatcher(level);
  for (const name of host.list(base === "" ? "/" : base).toSorted()) {
    if (isMatch(name)) yield* matches(host, `${base}/${name}`, rest);
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
