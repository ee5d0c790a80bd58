import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

test("the last line of a set-up that fails names the step that failed", (t) => {
  const checkout = mkdtempSync(join(tmpdir(), "auditql-setup-"));
  t.after(() => rmSync(checkout, { recursive: true, force: true }));
  const configs = ["tsconfig.json", "tsconfig.start.json"];
  for (const name of ["scripts", "package.json", "package-lock.json", ...configs]) {
    cpSync(name, join(checkout, name), { recursive: true });
  }
  // The dependencies are installed, the addon takes no time, and a user's table does not compile.
  symlinkSync(join(process.cwd(), "node_modules"), join(checkout, "node_modules"));
  for (const folder of ["addon", "src", "test", "bench"]) mkdirSync(join(checkout, folder));
  writeFileSync(join(checkout, "addon/Makefile"), "addon:\n");
  cpSync("web", join(checkout, "web"), { recursive: true });
  cpSync("src/client", join(checkout, "src/client"), { recursive: true });
  writeFileSync(join(checkout, "src/mine.ts"), "export const one: string = 1;\n");
  const done = spawnSync(process.execPath, ["scripts/setup.mjs"], {
    cwd: checkout,
    encoding: "utf8",
  });
  assert.equal(done.status, 1);
  assert.match(done.stderr.trimEnd().split("\n").at(-1) ?? "", /compiling TypeScript failed/);
  assert.doesNotMatch(done.stderr, /g\+\+/);
});
