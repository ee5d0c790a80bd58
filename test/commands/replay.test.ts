import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { gzipSync } from "node:zlib";
import { allCommands } from "../../src/commands/all.js";
import { runCommandLine } from "../../src/commands/run_command_line.js";
import { execRecords } from "./audit_log.js";
import { runAuditql } from "./command_run.js";

const sql =
  "select pid, path, cmdline from process_events where event_action = 'exec' order by eid";
const ask = ["--query", sql, "--format", "list", "--no-header"];
const firstRow = "5001|/usr/bin/echo|echo word-1\n";
const secondRow = "5002|/usr/bin/echo|echo word-2\n";

function scratch(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "auditql-test-"));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

test("replay answers SQL over plain and packed logs, in the order in which they are named", async (t) => {
  const directory = scratch(t);
  writeFileSync(join(directory, "audit.log"), execRecords(2));
  // Packed, whatever its name says, and in two members, as rotation with append makes them.
  const records = execRecords(1).split("EXECVE");
  writeFileSync(
    join(directory, "audit.log.1"),
    Buffer.concat([gzipSync(`${records[0]}EXECVE`), gzipSync(records[1] ?? "")]),
  );
  const files = [join(directory, "audit.log.1"), join(directory, "audit.log")];
  const run = await runAuditql(["replay", ...files, ...ask]);
  assert.deepEqual(run, { status: 0, stdout: firstRow + secondRow, stderr: "" });
});

test("replay reads standard input and leaves no directory behind", async (t) => {
  const directory = scratch(t);
  const found = process.env["TMPDIR"];
  process.env["TMPDIR"] = directory;
  t.after(() => {
    if (found === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = found;
  });
  const run = await runAuditql(["replay", "-", ...ask], execRecords(1));
  assert.equal(run.stdout, firstRow);
  assert.deepEqual(readdirSync(directory), []);
});

test("events as old as they are do not expire", async () => {
  const run = await runAuditql(
    ["replay", "-", "-q", "select count(*) from process_events", "-f", "list", "--no-header"],
    Array.from({ length: 500 }, (_, n) => execRecords(n)).join(""),
  );
  assert.ok(Number(run.stdout) >= 500, run.stdout);
});

test("several queries see the same events", async () => {
  const run = await runAuditql(
    ["replay", "-", "-f", "list", "--no-header", "-q", "select 'one'", "-q", "select 'two'"],
    execRecords(1),
  );
  assert.equal(run.stdout, "one\ntwo\n");
});

test("--stats tells what was read and stored", async () => {
  const run = await runAuditql(["replay", "-", ...ask, "--stats"], execRecords(1));
  assert.match(run.stderr, /^decode audit used: [1-9]/m);
  assert.match(run.stderr, /^store process_events stored: [1-9]/m);
});

test("--stats adds up: lines are records and others, events are rows, ignored ones and threads", async () => {
  const call = (serial: number, fields: string) =>
    `type=SYSCALL msg=audit(1700000001.000:${serial}): arch=c000003e success=yes ${fields} items=0 ppid=1 pid=5000 uid=0\n`;
  const log = [
    execRecords(1),
    execRecords(2),
    call(7, "syscall=56 exit=6001 a0=1200011 a1=0 a2=0 a3=0"),
    call(8, "syscall=56 exit=6002 a0=3d0f00 a1=0 a2=0 a3=0"), // a thread
    call(9, "syscall=62 exit=0 a0=1 a1=9 a2=0 a3=0"), // of no table
    "free text\n",
    `type=CWD msg=audit(1.0:1): cwd="${"x".repeat(1 << 20)}"\n`,
  ].join("");
  const run = await runAuditql(["replay", "-", ...ask, "--stats"], log);
  const lines = log.trimEnd().split("\n").length;
  const [first, second, third, ...rest] = run.stderr.trimEnd().split("\n");
  assert.equal(first, `lines: ${lines} = ${lines - 2} records + 2 others`);
  assert.equal(second, "events: 5 = 4 for tables + 1 ignored");
  assert.equal(third, "events for tables without a row: 1 threads, 0 checks of executables");
  assert.deepEqual(rest, [
    "decode audit dropped malformed: 1",
    "decode audit dropped too_big: 1",
    "decode audit ignored EOE: 2",
    "decode audit ignored SYSCALL: 1",
    "decode audit partial lost: 2",
    "decode audit partial timeout: 3",
    "decode audit used: 12",
    "store process_events stored: 3",
    "store process_lifetimes stored: 3",
  ]);
});

test("records that make no row are records, and so is an event that still waits", async () => {
  const record = (type: string, serial: number, fields: string) =>
    `type=${type} msg=audit(1700000000.250:${serial}): ${fields}\n`;
  const silent = record("URINGOP", 1, "uring_op=18 success=yes exit=0 ppid=1 pid=2 uid=0");
  const waiting = record("CWD", 2, 'cwd="/"');
  for (const log of [silent, waiting]) {
    const run = await runAuditql(["replay", "-", "-q", "select 1 as n", "-f", "list"], log);
    assert.deepEqual([run.status, run.stderr], [0, ""]);
  }
});

test("a file that is no audit log is replay_empty", async (t) => {
  const path = join(scratch(t), "syslog");
  writeFileSync(path, "Jan 1 00:00:00 host kernel: hello\n".repeat(100));
  const run = await runAuditql(["replay", path, ...ask]);
  assert.equal(run.status, 1);
  assert.match(run.stderr, /no audit record in it\nauditql: replay_empty: /);
});

test("a file that cannot be read says why and exits 74", async (t) => {
  const directory = scratch(t);
  const torn = join(directory, "torn.gz");
  writeFileSync(torn, gzipSync(execRecords(1)).subarray(0, 60));
  const cases: readonly [string, RegExp][] = [
    [join(directory, "missing"), /no such file/],
    [directory, /it is a directory/],
    [torn, /the gzip data is truncated/],
  ];
  for (const [path, reason] of cases) {
    const run = await runAuditql(["replay", path, ...ask]);
    assert.equal(run.status, 74, path);
    assert.match(run.stderr, /^auditql: file_unreadable: /);
    assert.match(run.stderr, reason);
  }
});

test("replay without a file or without a question is usage", async () => {
  assert.equal((await runAuditql(["replay", "-q", "select 1"])).status, 2);
  assert.equal((await runAuditql(["replay", "-"])).status, 2);
});

test("query --standalone answers from the host's state without a daemon", async () => {
  const run = await runAuditql([
    "query",
    "--standalone",
    `select pid from processes where pid = ${process.pid}`,
    "-f",
    "ndjson",
  ]);
  assert.deepEqual(run, { status: 0, stdout: `{"pid":${process.pid}}\n`, stderr: "" });
});

test("shell --standalone lists tables and runs statements", async () => {
  const run = await runAuditql(
    ["shell", "--standalone", "-f", "list"],
    ".tables os_v\nselect 1 as a",
  );
  assert.equal(run.stdout, "  => os_version\na\n1\n");
});

test("a reader that leaves ends a standalone query without a trace", async () => {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const status = runCommandLine(
    [
      "query",
      "--standalone",
      "-f",
      "ndjson",
      "with recursive n(i) as (select 1 union all select i + 1 from n) select i from n",
    ],
    allCommands,
    { stdin: Readable.from([]), stdout, stderr, env: {}, version: "1" },
  );
  await once(stdout, "data");
  stdout.destroy(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
  assert.equal(await status, 141);
  stderr.end();
  assert.equal(await text(stderr), "");
});
