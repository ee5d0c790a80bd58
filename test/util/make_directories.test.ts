import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { makeDirectories } from "../../src/util/make_directories.js";

test("directories are made with those above them, and their mode", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "auditql-directories-"));
  t.after(() => rmSync(folder, { recursive: true }));
  makeDirectories(join(folder, "a/b"), 0o700);
  makeDirectories(join(folder, "a/b"), 0o750);
  assert.deepEqual(
    ["a", "a/b"].map((name) => statSync(join(folder, name)).mode & 0o777),
    [0o700, 0o700],
  );
});

test("where none can be, that is an error and not tried without end", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "auditql-directories-"));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "file"), "");
  symlinkSync("/nonexistent/target", join(folder, "dangling"));
  for (const path of ["/proc/auditql/state", join(folder, "file/a"), join(folder, "dangling/a")]) {
    assert.throws(() => makeDirectories(path, 0o700), { syscall: /^(mkdir|stat)$/ }, path);
  }
});
