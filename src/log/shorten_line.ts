import { parse, stringify } from "lossless-json";

/** Key that says of a line how many bytes it had; no line of osquery has it. */
export const shortenedKey = "auditql_shortened";
const ellipsis = "…";

/**
 * A line of JSON that is at most `maxBytes` long: its longest texts are cut, and `auditql_shortened`
 * says how long it was. Null where that does not do: a line of many short values, or no object.
 */
export function shortenLine(line: string, maxBytes: number): string | null {
  const bytes = Buffer.byteLength(line);
  if (bytes <= maxBytes) return line;
  const value = parseObject(line);
  if (value === null) return null;
  const cut = (longest: number): string =>
    stringify({ ...(cutTexts(value, longest) as object), [shortenedKey]: bytes }) ?? "";
  const fits = (longest: number) => Buffer.byteLength(cut(longest)) <= maxBytes;
  if (!fits(0)) return null;
  // The largest length of texts that fits.
  let low = 0;
  let high = maxBytes;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return cut(low);
}

/** Plain text that is at most `maxBytes` long, in whole characters. */
export function shortenText(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text;
  const bytes = Buffer.from(text).subarray(0, Math.max(maxBytes - Buffer.byteLength(ellipsis), 0));
  // What is cut inside of a character ends in U+FFFD.
  return bytes.toString().replace(/\uFFFD+$/, "") + ellipsis;
}

function parseObject(line: string): object | null {
  try {
    const value = parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

function cutTexts(value: unknown, longest: number): unknown {
  if (typeof value === "string") return cutText(value, longest);
  if (Array.isArray(value)) return value.map((each) => cutTexts(each, longest));
  // Numbers are objects of the parser, which keep all their digits.
  if (typeof value !== "object" || value === null || !isPlain(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, cutTexts(each, longest)]),
  );
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Counted in UTF-16 units, which is quicker and decides nothing; a pair of them stays whole. */
function cutText(text: string, longest: number): string {
  if (text.length <= longest) return text;
  return text.slice(0, longest).replace(/[\uD800-\uDBFF]$/, "") + ellipsis;
}
