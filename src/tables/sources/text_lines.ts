import type { Host } from "../host.js";

/** Lines of a text file, without blanks around them; none when it cannot be read. */
export function* trimmedLines(host: Host, path: string): Iterable<string> {
  for (const line of host.readText(path)?.split("\n") ?? []) {
    const trimmed = line.trim();
    if (trimmed !== "") yield trimmed;
  }
}

/** First line of a file of sysfs, which holds one value; null when there is none. */
export function attribute(host: Host, path: string): string | null {
  const text = host.readText(path)?.trim();
  return text === undefined || text === "" ? null : text;
}

/** The same as a number. */
export function numericAttribute(host: Host, path: string): number | null {
  const text = attribute(host, path);
  const value = Number(text);
  return text === null || Number.isNaN(value) ? null : value;
}
