import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openHistoryFile } from "../../src/shell/history_file.js";

function scratch(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "auditql-history-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return join(folder, "history");
}

test("an entry of several lines is a line of the file, and comes back whole, newest first", (t) => {
  const path = scratch(t);
  const file = openHistoryFile(path, assert.fail);
  file.append("select 1,\n  2;");
  file.append(".quit");
  assert.equal(readFileSync(path, "utf8"), "select 1,\x01  2;\n.quit\n");
  assert.deepEqual(openHistoryFile(path, assert.fail).entries, [".quit", "select 1,\n  2;"]);
});

test("the history is for its user alone, and bounded in entries and in their length", (t) => {
  const path = scratch(t);
  const lines = Array.from({ length: 5000 }, (_, n) => `select ${n};`);
  writeFileSync(path, `${lines.join("\n")}\n`, { mode: 0o644 });
  const file = openHistoryFile(path, assert.fail);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(file.entries.length, 2000);
  assert.equal(file.entries[0], "select 4999;");
  file.append("x".repeat(100_000));
  assert.equal(readFileSync(path, "utf8"), `${lines.slice(-2000).join("\n")}\n`);
});

test("a history that cannot be kept is told of once", (t) => {
  const problems: string[] = [];
  const file = openHistoryFile(join(scratch(t), "missing"), (text) => problems.push(text));
  file.append("a");
  file.append("b");
  assert.equal(problems.length, 1);
  assert.match(problems[0] ?? "", /Cannot save the history in .*ENOENT/);
});
