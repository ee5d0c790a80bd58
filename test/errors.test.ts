import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { errorCodes } from "../src/error_codes/all.js";

test("docs/reference/errors.md lists every error code with its meaning, and no other", () => {
  const documented = new Map(
    [
      ...readFileSync("docs/reference/errors.md", "utf8").matchAll(
        /^\| `(\w+)` \| (\d+) \| (\d+) \| (.*) \|$/gm,
      ),
    ].map(([, code, status, exitCode, meaning]) => [code, { status, exitCode, meaning }]),
  );
  for (const [code, { status, exitCode, meaning }] of Object.entries(errorCodes)) {
    assert.deepEqual(
      documented.get(code),
      {
        status: String(status),
        exitCode: String(exitCode),
        meaning: meaning.replaceAll("|", "\\|"),
      },
      `docs/reference/errors.md is stale for ${code}: run npm run schemas`,
    );
    documented.delete(code);
  }
  assert.deepEqual([...documented.keys()], []);
});

test("no code is in the tables of two parts", () => {
  const files = readdirSync("src/error_codes").filter((name) => name.endsWith("_errors.ts"));
  const codes = files.flatMap((name) => {
    const text = readFileSync(join("src/error_codes", name), "utf8");
    return [...text.matchAll(/^ {2}(\w+): \{$/gm)].map(([, code = ""]) => code);
  });
  assert.deepEqual(codes.sort(), Object.keys(errorCodes).sort());
});

test("every code that the addon raises is in the table", () => {
  const raised = new Set<string>();
  for (const file of readdirSync("addon", { recursive: true, encoding: "utf8" })) {
    if (!/\.(h|cc)$/.test(file) || file.startsWith("build/")) continue;
    const text = readFileSync(join("addon", file), "utf8");
    for (const [, code] of text.matchAll(
      /(?:Error\{|from_errno\(|throw_error\([^,]+,\s*\{)\s*"([a-z_]+)"/g,
    )) {
      if (code !== undefined) raised.add(code);
    }
  }
  const known = new Set<string>(Object.keys(errorCodes));
  assert.deepEqual(
    [...raised].filter((code) => !known.has(code)),
    [],
  );
});
