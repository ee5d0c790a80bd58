import type { Host } from "../host.js";
import { encodePath } from "../os_string.js";
import { DirectoryWalk } from "./directory_walk.js";
import { globParts, partsMatcher } from "./text_patterns.js";

const special = /[*?[]/;

/** Levels of a pattern that are still to be matched. */
interface Search {
  readonly levels: readonly string[];
  /** Null where the pattern does not end with everything below. */
  readonly walk: DirectoryWalk | null;
}

/** A directory ends with a slash, as GLOB_MARK of glob(3) has it. */
function marked(host: Host, path: string): string {
  return host.stat(path)?.isDirectory() === true ? `${path}/` : path;
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

/** Whether names match one level of a glob(7) pattern. A leading period must be written out, but
 * where everything is asked for. */
function levelMatcher(level: string, takesHidden: boolean): (name: string) => boolean {
  const isMatch = partsMatcher(globParts(level, "[^/]"));
  const isOpen = takesHidden || !/^[*?[]/.test(level);
  return (name) => (isOpen || !name.startsWith(".")) && isMatch(name);
}

/** Existing paths that a pattern without ** matches, level by level. */
function* matches(host: Host, base: string, search: Search): Iterable<string> {
  const [level, ...rest] = search.levels;
  const following = { ...search, levels: rest };
  if (level === undefined) {
    yield base;
    return;
  }
  if (!special.test(level)) {
    const path = `${base}/${level}`;
    if (rest.length > 0 || level === "" || host.lstat(path) !== null) {
      yield* matches(host, path, following);
    }
    return;
  }
  const isLast = rest.length === 0;
  const isMatch = levelMatcher(level, isLast && search.walk !== null);
  const folder = base === "" ? "/" : base;
  if (isLast && level === "*") search.walk?.noteListed(folder);
  for (const name of host.list(folder).toSorted()) {
    if (isMatch(name)) yield* matches(host, `${base}/${name}`, following);
  }
}

/** Paths that a pattern means, each once. */
function* expand(host: Host, pattern: string, alternatives: Iterable<string>): Iterable<string> {
  const walk = pattern.endsWith("**") ? new DirectoryWalk(host) : null;
  for (const alternative of alternatives) {
    const levels = alternative.split("/").slice(1);
    for (const found of matches(host, "", { levels, walk })) {
      const path = found.endsWith("/") ? found : marked(host, found);
      yield path;
      if (walk !== null && path.endsWith("/")) yield* walk.below(path);
    }
  }
  if (walk !== null) yield* walk.behindLinks();
}

/** A path relative to nothing, or longer than any file name, names nothing. */
const isExpandable = (pattern: string): boolean =>
  pattern.startsWith("/") && encodePath(pattern).length <= 4096;

const withoutRecursion = (pattern: string): string =>
  pattern.endsWith("**") ? pattern.slice(0, -1) : pattern;

/** Paths on the disk that a LIKE pattern of osquery means: `%` is one level, `%%` at the end all
 * levels below. SQLite applies LIKE to them afterwards, where % crosses slashes. */
export function* expandPathPattern(host: Host, like: string): Iterable<string> {
  const pattern = like.replaceAll("%", "*");
  if (!isExpandable(pattern)) return;
  const alternatives = expandBraces(withoutRecursion(pattern));
  if (!pattern.includes("{")) {
    yield* expand(host, pattern, alternatives);
    return;
  }
  const seen = new Set<string>();
  for (const path of expand(host, pattern, alternatives)) {
    if (seen.has(path)) continue;
    seen.add(path);
    yield path;
  }
}

/** The same of a GLOB pattern: `*` is one level, `**` at the end all levels below. */
export function* expandPathGlob(host: Host, pattern: string): Iterable<string> {
  if (isExpandable(pattern)) yield* expand(host, pattern, [withoutRecursion(pattern)]);
}
