import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { runAuditql } from "./command_run.js";

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "auditql-wrong-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

test("an option that does not exist is answered with one that is like it, or none", async () => {
  const near = await runAuditql(["query", "--formt", "csv", "select 1"]);
  assert.match(near.stderr, /Unknown option --formt\. Did you mean "--format"\?/);
  const far = await runAuditql(["query", "--nope"]);
  assert.match(far.stderr, /Unknown option --nope\. See --help\./);
  assert.equal(far.status, 2);
});

test("a word that is no flag is refused by what takes the daemon's flags", async () => {
  for (const command of [["daemon"], ["config", "check"]]) {
    const run = await runAuditql([...command, "start"]);
    assert.equal(run.status, 2);
    assert.match(run.stderr, /Unexpected argument "start"\. A flag is written --name=value/);
  }
});

test("an output that cannot be written is an error, in every command", () => {
  const commands = [["--help"], ["config", "check"], ["help", "query"]];
  for (const args of commands) {
    const run = spawnSync(
      "sh",
      ["-c", '"$0" "$@" > /dev/full', process.execPath, "dist/src/main.js", ...args],
      {
        encoding: "utf8",
      },
    );
    assert.equal(run.status, 74, run.stderr);
    assert.match(
      run.stderr,
      /^auditql: file_unwritable: Cannot write standard output: the disk is full\./,
    );
  }
});

test("characters of a configuration that a terminal would obey are shown as escapes", async (t) => {
  const path = join(temporaryFolder(t), "auditql.conf");
  writeFileSync(path, '{"no\\u001b[2Jpe": 1, "packs": {"x": "/nonexistent\\u001b"}}');
  const run = await runAuditql(["config", "check", `--config_path=${path}`]);
  assert.match(run.stderr, /unknown key "no\\x1b\[2Jpe"/);
  assert.match(run.stderr, /cannot read \/nonexistent\\x1b: no such file or directory\./);
  assert.ok(!run.stderr.includes("\u001b"));
});

test("a token that cannot be used is told of with what to do about it", async (t) => {
  const path = join(temporaryFolder(t), "token");
  const query = () =>
    runAuditql(["query", "--url=http://127.0.0.1:1", `--token-file=${path}`, "select 1"]);
  assert.match((await query()).stderr, /token_file_failed: .*token: no such file or directory\./);
  writeFileSync(path, "x".repeat(40));
  chmodSync(path, 0o644);
  assert.match((await query()).stderr, /token_file_insecure: .* mode 0600\. .* chmod 600/);
});
