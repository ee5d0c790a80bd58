import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

test("the last line of a set-up that fails names the step that failed", (t) => {
  const checkout = mkdtempSync(join(tmpdir(), "auditql-setup-"));
  t.after(() => rmSync(checkout, { recursive: true, force: true }));
  for (const name of ["scripts", "package.json", "package-lock.json", "tsconfig.json"]) {
    cpSync(name, join(checkout, name), { recursive: true });
  }
  // What is built already is newer than its sources; a table of somebody's does not compile.
  symlinkSync(join(process.cwd(), "node_modules"), join(checkout, "node_modules"));
  mkdirSync(join(checkout, "addon/build/Release"), { recursive: true });
  writeFileSync(join(checkout, "addon/build/Release/auditql.node"), "");
  for (const folder of ["src", "test", "bench", "web"]) mkdirSync(join(checkout, folder));
  writeFileSync(join(checkout, "src/mine.ts"), "export const one: string = 1;\n");
  const done = spawnSync(process.execPath, ["scripts/setup.mjs"], {
    cwd: checkout,
    encoding: "utf8",
  });
  assert.equal(done.status, 1);
  assert.match(done.stderr.trimEnd().split("\n").at(-1) ?? "", /compiling TypeScript failed/);
  assert.doesNotMatch(done.stderr, /g\+\+/);
});
