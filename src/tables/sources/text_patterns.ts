/** A pattern split at what stands for any text: regular expressions of what is between, each of
 * one length. */
export type PatternParts = readonly string[];

const escaped = (character: string): string => character.replaceAll(/[\\^$.|?*+()[\]{}]/g, "\\$&");

/** Whether a text matches. The part after each gap is taken where it comes first, which is as good
 * as any: one expression for all would try every other place too. */
export function partsMatcher(parts: PatternParts): (text: string) => boolean {
  const last = parts.length - 1;
  const expressions = parts.map(
    (part, index) => new RegExp(`${part}${index === last ? "$" : ""}`, index === 0 ? "suy" : "sug"),
  );
  return (text) => {
    let at = 0;
    return expressions.every((expression) => {
      expression.lastIndex = at;
      const isFound = expression.test(text);
      at = expression.lastIndex;
      return isFound;
    });
  };
}

/** A glob pattern split at its stars; `any` is the expression of what `?` stands for. In a set, `!`
 * and `^` negate. */
export function globParts(pattern: string, any: string): PatternParts {
  const parts = [""];
  const append = (source: string) => {
    parts[parts.length - 1] += source;
  };
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at] ?? "";
    const close = character === "[" ? closingBracket(pattern, at) : -1;
    if (character === "*") parts.push("");
    else if (character === "?") append(any);
    else if (close > 0) {
      append(setExpression(pattern.slice(at + 1, close)));
      at = close;
    } else append(escaped(character));
  }
  return parts;
}

/** A bracket that comes first in a set stands for itself. */
function closingBracket(pattern: string, open: number): number {
  const isNegated = /[!^]/.test(pattern[open + 1] ?? "");
  return pattern.indexOf("]", open + (isNegated ? 3 : 2));
}

/** A set of characters. A range whose ends are in the wrong order is empty. */
function setExpression(text: string): string {
  const isNegated = /^[!^]/.test(text);
  const characters = [...(isNegated ? text.slice(1) : text)];
  let members = "";
  for (let at = 0; at < characters.length; at++) {
    const [first = "", dash, last] = characters.slice(at, at + 3);
    const isRange = dash === "-" && last !== undefined;
    if (!isRange) members += inSet(first);
    else if (codeOf(first) <= codeOf(last)) members += `${inSet(first)}-${inSet(last)}`;
    if (isRange) at += 2;
  }
  return `[${isNegated ? "^" : ""}${members}]`;
}

const inSet = (character: string): string => character.replace(/[\\\][^-]/, "\\$&");
const codeOf = (character: string): number => character.codePointAt(0) ?? 0;

/** SQLite's LIKE: `%` is any text, `_` one character, and ASCII letters match in both cases. */
export function likeMatcher(pattern: string): (text: string) => boolean {
  const parts = [""];
  for (const character of pattern) {
    if (character === "%") parts.push("");
    else if (character === "_") parts[parts.length - 1] += ".";
    else if (/[a-z]/i.test(character)) {
      parts[parts.length - 1] += `[${character.toLowerCase()}${character.toUpperCase()}]`;
    } else parts[parts.length - 1] += escaped(character);
  }
  return partsMatcher(parts);
}

/** SQLite's GLOB. */
export function globMatcher(pattern: string): (text: string) => boolean {
  return partsMatcher(globParts(pattern, "."));
}
