import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

/** Biome holds TypeScript to the same length (biome.json: noExcessiveLinesPerFunction). */
const maxLines = 70;

interface Measured {
  readonly name: string;
  readonly lines: number;
}

/**
 * The block whose head begins at `at`, up to its closing line: that of a claim is as far in as the
 * end of its head. Null where no block begins.
 */
function blockAt(lines: readonly string[], at: number, indent: string | null): Measured | null {
  let brace = at;
  while (brace < lines.length && !/[{;}]\s*$/.test(lines[brace] ?? "")) brace++;
  const head = lines[brace] ?? "";
  if (!/[^({=]\s*\{$/.test(head)) return null;
  const close = indent === null ? `${/^ */.exec(head)?.[0]}});` : `${indent}}`;
  const end = lines.indexOf(close, brace);
  return end < 0 ? null : { name: (lines[at] ?? "").trim(), lines: end - at + 1 };
}

/**
 * Functions at column 0, methods in the body of a class, and the bodies of a test's claims. A
 * function that only lists claims has the length of its longest.
 */
function functionsOf(text: string): readonly Measured[] {
  const lines = text.split("\n");
  return lines.flatMap((line, at) => {
    if (/^ *claim\(/.test(line)) return blockAt(lines, at, null) ?? [];
    const signature = /^( {2})?(?!namespace\b|using\b|return\b|.*\[[&=])[\w:~<].*\(/.exec(line);
    if (signature === null) return [];
    const found = blockAt(lines, at, signature[1] ?? "");
    if (found === null) return [];
    const isList = lines.slice(at, at + found.lines).some((each) => /^ +claim\(/.test(each));
    return isList ? [] : found;
  });
}

/** C++ below `folder`, without what is generated or built. */
function sourcesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(cc|h)$/.test(file) && !/(^|\/)(build|generated)\//.test(file))
    .map((file) => join(folder, file));
}

test("no function in C++ is longer than 70 lines", () => {
  const all = ["addon", "test/addon", "test/live", "bench"].flatMap((folder) =>
    sourcesIn(folder).flatMap((file) =>
      functionsOf(readFileSync(file, "utf8")).map((each) => ({ file, ...each })),
    ),
  );
  assert.ok(all.length > 2000, `only ${all.length} functions were found`);
  const long = all.filter(({ lines }) => lines > maxLines);
  assert.deepEqual(
    long.map(({ file, name, lines }) => `${file}: ${lines} lines: ${name}`),
    [],
  );
});

test("a function is measured from its signature to its closing brace", () => {
  const body = "  call();\n".repeat(70);
  const method = "class C {\n  void g() {\n    x();\n  }\n};\n";
  const claims = 'int main() {\n  claim("so", [] {\n    x();\n  });\n  return run_claims();\n}\n';
  const text = `int f(int a,\n      int b) {\n${body}}\n\n${method}${claims}`;
  assert.deepEqual(
    functionsOf(text).map(({ lines }) => lines),
    [73, 3, 3],
  );
});
