import { readdirSync } from "node:fs";
import { join } from "node:path";

/** Regular expression of a name pattern: `*` and osquery's `%` are any text, `?` one character. */
export function namePattern(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replace(/[*%]+/g, ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "s");
}

/** Paths that match, sorted. Wildcards do not cross slashes; folders that cannot be read are empty. */
export function glob(pattern: string): string[] {
  let paths = [pattern.startsWith("/") ? "/" : "."];
  for (const part of pattern.split("/").filter((piece) => piece !== "")) {
    paths = paths.flatMap((folder) => expand(folder, part));
  }
  return paths.sort();
}

function expand(folder: string, part: string): string[] {
  if (!/[*%?]/.test(part)) return [join(folder, part)];
  const matches = namePattern(part);
  try {
    return readdirSync(folder)
      .filter((name) => matches.test(name) && (!name.startsWith(".") || part.startsWith(".")))
      .map((name) => join(folder, name));
  } catch {
    // A folder that is missing or closed to us holds no matches, as for a shell.
    return [];
  }
}
