import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { execRecords } from "./audit_log.js";
import { runAuditql } from "./command_run.js";

const ids =
  "auid=1000 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=(none) ses=4294967295";

interface Call {
  readonly serial: number;
  readonly fields: string;
  readonly more?: readonly string[];
}

/** An event as auditd writes it: a SYSCALL record, and others. */
function event({ serial, fields, more = [] }: Call): string {
  const stamp = `msg=audit(1700000100.250:${serial}):`;
  const syscall = `type=SYSCALL ${stamp} arch=c000003e ${fields} a1=0 a2=0 a3=0 items=0 ppid=1 pid=77 ${ids} comm=786FFF exe="/usr/bin/x" key=61016263\n`;
  return [syscall, ...more.map((record) => record.replace(" ", ` ${stamp} `).concat("\n"))].join(
    "",
  );
}

const longPlain = "p".repeat(20000);
const longHex = "20FF".repeat(6000);
const log = [
  execRecords(1),
  event({
    serial: 1,
    fields: "syscall=59 success=yes exit=0 a0=1",
    more: [
      `type=EXECVE argc=4 a0="x" a1_len=${longPlain.length} a1[0]="${longPlain.slice(0, 7000)}"`,
      `type=EXECVE a1[1]="${longPlain.slice(7000)}"`,
      `type=EXECVE a2_len=${longHex.length} a2[0]=${longHex.slice(0, 8000)} a2[1]=${longHex.slice(8000)} a3=""`,
    ],
  }),
  event({
    serial: 2,
    fields: "syscall=59 success=no exit=-2 a0=1",
    more: [
      'type=CWD cwd="/srv"',
      "type=PATH item=0 name=2F7372762F6D697373696E6720FF nametype=UNKNOWN",
    ],
  }),
  event({
    serial: 3,
    fields: "syscall=42 success=no exit=-115 a0=3",
    more: ["type=SOCKADDR saddr=020000507F0000010000000000000000"],
  }),
  event({
    serial: 4,
    fields: "syscall=49 success=yes exit=0 a0=1f",
    more: ["type=SOCKADDR saddr=0100002F72756E2F78"],
  }),
  event({ serial: 5, fields: "syscall=231 a0=3" }),
].join("");

const processes = `select ntime, serial, event_action, hex(path_bytes) as path, hex(args_bytes) as args,
  args_count, hex(cwd_bytes) as cwd, hex(comm_bytes) as comm, pid, parent, auid, uid, euid, suid,
  fsuid, gid, egid, sgid, fsgid, session_id, tty, success, error, exit_code, syscall, arch, key
  from process_events order by serial`;
const sockets = `select ntime, serial, action, hex(address_bytes) as address, remote_address,
  remote_port, socket, fd, exit, success, status, error, hex(comm_bytes) as comm, pid, parent, key
  from socket_events order by serial`;

async function rowsOf(input: string): Promise<string> {
  const run = await runAuditql(
    ["replay", "-", "-q", processes, "-q", sockets, "-f", "ndjson"],
    input,
  );
  assert.equal(run.status, 0, run.stderr);
  return run.stdout;
}

test("what is exported is read back as the same rows", async () => {
  const run = await runAuditql(["export", "-"], log);
  assert.deepEqual([run.status, run.stderr], [0, ""]);
  const rows = await rowsOf(log);
  assert.equal(rows.trimEnd().split("\n").length, 6);
  assert.equal(await rowsOf(run.stdout), rows);
});

test("no line is longer than the tools of auditd read", async () => {
  const run = await runAuditql(["export", "-"], log);
  const longest = Math.max(...run.stdout.split("\n").map((line) => line.length));
  // MAX_AUDIT_MESSAGE_LENGTH of libaudit.h.
  assert.ok(longest < 8970, String(longest));
});

const why = spawnSync("ausearch", ["--version"]).error === undefined ? false : "needs ausearch";
test("ausearch finds the exported events", { skip: why }, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "auditql-test-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, "events.log");
  writeFileSync(path, (await runAuditql(["export", "-"], log)).stdout);
  for (const [call, count] of [
    ["execve", 3],
    ["connect", 1],
    ["bind", 1],
    ["exit_group", 1],
  ] as const) {
    const found = spawnSync("ausearch", ["-if", path, "-sc", call, "--raw"], { encoding: "utf8" });
    assert.equal(found.stdout.match(/^type=SYSCALL/gm)?.length, count, `${call}: ${found.stderr}`);
  }
});

test("top counts by file, user, command line and parent, with the exclusion to paste", async () => {
  const input = log + execRecords(2);
  const ask = async (by: string) => {
    const run = await runAuditql(["top", "-", "--by", by, "-n", "1", "-f", "ndjson"], input);
    assert.equal(run.status, 0, run.stderr);
    const row: Record<string, unknown> = JSON.parse(run.stdout);
    return row;
  };
  const byPath = await ask("path");
  assert.equal(byPath["path"], "/usr/bin/x");
  assert.equal(byPath["events"], 5);
  assert.equal(byPath["share"], 0.7143);
  assert.equal(byPath["exclude"], '{"exe":"/usr/bin/x"}');
  const byUser = await ask("username");
  assert.deepEqual(
    [byUser["username"], byUser["uid"], byUser["events"], byUser["exclude"]],
    ["root", 0, 5, '{"uid":0}'],
  );
  assert.equal((await ask("cmdline"))["events"], 5);
  assert.equal((await ask("parent"))["events"], 7);
});

test("top offers no shell, interpreter or program that starts others for exclusion", async () => {
  const programs = [
    "/usr/bin/bash",
    "/usr/bin/python3.11",
    "/usr/bin/perl",
    "/usr/bin/env",
    "/usr/sbin/cron",
  ];
  const input = [...programs, "/usr/bin/true"]
    .map((path, index) => execRecords(index + 1).replaceAll("/usr/bin/echo", path))
    .join("");
  for (const by of ["path", "cmdline"]) {
    const run = await runAuditql(["top", "-", "--by", by, "-n", "50", "-f", "ndjson"], input);
    const rows = run.stdout
      .trim()
      .split("\n")
      .map((line) => {
        const row: Readonly<Record<string, unknown>> = JSON.parse(line);
        return row;
      });
    assert.equal(rows.length, 6, run.stdout);
    const offered = rows.filter((row) => row["exclude"] !== null);
    assert.deepEqual(
      offered.map((row) => row["exclude"]),
      ['{"exe":"/usr/bin/true"}'],
      by,
    );
    for (const row of rows) {
      assert.equal(row["note"] === null, row["exclude"] !== null, JSON.stringify(row));
      if (row["note"] !== null) assert.match(String(row["note"]), /no exclusion offered/);
    }
  }
  const parents = [
    ...programs.map((path) => ({ path, offered: null })),
    { path: "/usr/bin/agent", offered: '{"parent":"/usr/bin/agent"}' },
  ];
  for (const { path, offered } of parents) {
    const parent = execRecords(1).replaceAll("/usr/bin/echo", path).replace("pid=5001", "pid=100");
    const args = ["top", "-", "--by", "parent", "-n", "9", "-f", "ndjson"];
    const run = await runAuditql(args, parent + execRecords(2));
    const row = run.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line))
      .find((each) => each.parent === path);
    assert.ok(row, run.stdout);
    assert.equal(row.exclude, offered);
    assert.match(row.note, offered === null ? /no exclusion offered/ : /hides all that it starts/);
  }
});

test("top refuses a limit that is no number", async () => {
  assert.equal((await runAuditql(["top", "-", "-n", "many"], log)).status, 2);
  assert.equal((await runAuditql(["top", "-", "--by", "moon"], log)).status, 2);
});
