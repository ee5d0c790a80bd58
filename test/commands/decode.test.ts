import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { execRecords } from "./audit_log.js";
import { runAuditql } from "./command_run.js";

function parsed(stdout: string): readonly Record<string, unknown>[] {
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

test("decode prints one object for each record, with its fields decoded", async () => {
  const run = await runAuditql(["decode", "-", "--as", "records"], execRecords(1));
  assert.deepEqual([run.status, run.stderr], [0, ""]);
  const records = parsed(run.stdout);
  assert.deepEqual(
    records.map((record) => record["record_type"]),
    ["syscall", "execve", "cwd", "path", "proctitle", "eoe"],
  );
  assert.equal(records[0]?.["sequence"], 1001);
});

test("decode prints one object for each event, and that is what it does unasked", async () => {
  const log = execRecords(1) + execRecords(2);
  const run = await runAuditql(["decode", "-"], log);
  assert.deepEqual(
    parsed(run.stdout).map((event) => event["sequence"]),
    [1001, 1002],
  );
  assert.equal((await runAuditql(["decode", "-", "--as", "events"], log)).stdout, run.stdout);
});

test("packed files and files without a last line end are read one after the other", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "auditql-test-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const files = [join(directory, "a"), join(directory, "b")];
  writeFileSync(files[0] ?? "", gzipSync(execRecords(1).trimEnd()));
  writeFileSync(files[1] ?? "", execRecords(2).trimEnd());
  const run = await runAuditql(["decode", ...files, "--as", "records"]);
  assert.equal(parsed(run.stdout).length, 12);
  assert.equal(run.stderr, "");
});

test("a record that comes after its event is left out of events alone", async () => {
  const late = 'type=CWD msg=audit(1700000000.250:1): cwd="/late"\n';
  const log = `${execRecords(1)}${late}`.replaceAll(/\(\d+\.\d+:\d+\)/g, "(1700000000.250:1)");
  const events = await runAuditql(["decode", "-"], log);
  const lost = "lines skipped: late, after their event was printed: 1";
  assert.equal(events.stderr, `auditql: ${lost}\n`);
  const records = await runAuditql(["decode", "-", "--as", "records"], log);
  assert.equal(records.stderr, "");
  assert.equal(parsed(records.stdout).length, log.trimEnd().split("\n").length);
});

test("lines that are no records are counted, and a file of nothing else is an error", async () => {
  const some = await runAuditql(["decode", "-"], `hello\n${execRecords(1)}`);
  assert.deepEqual([some.status, some.stderr], [0, "auditql: lines without an audit record: 1\n"]);
  const none = await runAuditql(["decode", "-"], "hello\nworld\n");
  assert.equal(none.status, 1);
  assert.match(none.stderr, /^auditql: replay_empty: /);
});

test("decode holds no log as a whole, even where its reader is slow", async () => {
  const main = join(process.cwd(), "dist/src/main.js");
  const child = spawn(process.execPath, ["--max-old-space-size=40", main, "decode", "-"]);
  const errors = text(child.stderr);
  const megabyte = Array.from({ length: 800 }, (_, n) => execRecords(n)).join("");
  const ended = new Promise((resolve) => child.once("close", resolve));
  let bytes = 0;
  child.stdout.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    child.stdout.pause();
    setTimeout(() => child.stdout.resume(), 1);
  });
  for (let i = 0; i < 60; i++) {
    if (!child.stdin.write(megabyte)) {
      await new Promise((resolve) => child.stdin.once("drain", resolve));
    }
  }
  child.stdin.end();
  assert.equal(await ended, 0, await errors);
  assert.ok(bytes > 0);
});

test("decode without a file is usage", async () => {
  assert.equal((await runAuditql(["decode"])).status, 2);
});
