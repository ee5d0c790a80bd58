import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";

const script = "scripts/check-english.mjs";

/** Runs the check over a checkout that has these files; gives its lines. */
function problemsOf(context: TestContext, files: Readonly<Record<string, string>>): string[] {
  const root = mkdtempSync(join(tmpdir(), "auditql-english-"));
  context.after(() => rmSync(root, { recursive: true }));
  for (const folder of ["src", "addon", "web", "schemas", "packs", "docs", "scripts"]) {
    mkdirSync(join(root, folder));
  }
  cpSync(script, join(root, script));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const run = spawnSync(process.execPath, [join(root, script)], { encoding: "utf8", cwd: root });
  const lines = run.stderr.split("\n").filter((line) => line !== "");
  assert.equal(run.status, lines.length === 0 ? 0 : 1, run.stderr);
  return lines.map((line) => line.replace(/: write .*/, ""));
}

test("texts that a person reads have none of the rejected words", () => {
  const run = spawnSync(process.execPath, [script], { encoding: "utf8" });
  assert.equal(run.stderr, "");
  assert.equal(run.status, 0);
});

test("literals are checked, comments and names are not", (context) => {
  const found = problemsOf(context, {
    "src/a.ts": [
      "/** Nobody reads it anew. */",
      "const beside = 1; // amiss",
      'const text = "It is no directory.";',
      "const joined = `It is in ` +",
      '  "force.";',
    ].join("\n"),
    "addon/b.cc": 'auto text = "the reader "\n            "goes away";  // whoever\n',
    "web/c.tsx": "export const C = () => <p>Nobody signed in.</p>; // anew\n",
    "schemas/d.json": '{"description": "There is no pid. Somebody has it."}\n',
  });
  assert.deepEqual(found, [
    'src/a.ts:3: "is no d"',
    'src/a.ts:4: "in force"',
    'addon/b.cc:2: "goes away"',
    'web/c.tsx:1: "Nobody"',
    'schemas/d.json:1: "Somebody"',
  ]);
});

test("documents are checked without code, and the newest section of the changelog", (context) => {
  const found = problemsOf(context, {
    "README.md": "It is told `anew`.\n\n```text\nnobody\n```\n",
    "CHANGELOG.md": "# Changelog\n\n## 2\n\n- Reads anew.\n\n## 1\n\n- Reads anew.\n",
  });
  assert.deepEqual(found, ['README.md:1: "is told"', 'CHANGELOG.md:5: "anew"']);
});
