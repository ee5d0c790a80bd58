import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { runAuditql } from "./command_run.js";

type Rows = readonly unknown[];

async function rowsOf(log: string, sql: string): Promise<Rows> {
  const run = await runAuditql(["replay", "-", "-f", "ndjson", "-q", sql], log);
  assert.equal(run.status, 0, run.stderr);
  return run.stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

const testdata = (name: string) => readFileSync(`test/testdata/decode/${name}`, "utf8");
const recorded = (name: string) => testdata(`${name}.log`);
const expected = (name: string): Readonly<Record<string, Rows>> =>
  JSON.parse(testdata(`${name}.expected.json`));

const execs =
  "select pid, event_action, path, cmdline, partial from process_events where event_action like 'exec%' order by eid";
const lifetimes = "select pid, execs, cmdline, partial from process_lifetimes order by start_time";

// Records of Linux 6.18, of execveat(2) with and without AT_EXECVE_CHECK, by name, by descriptor,
// of a script, of a file that may not be executed, and of the caller's own program.
test("a check whether a file may be executed is no exec, and leaves the command line", async () => {
  const log = recorded("exec-checks");
  const { execs: events, lifetimes: lives } = expected("exec-checks");
  assert.deepEqual(await rowsOf(log, execs), events);
  assert.deepEqual(await rowsOf(log, lifetimes), lives);
});

test("an exec whose EXECVE record was lost is kept, and partial", async () => {
  const torn = recorded("exec-checks")
    .split("\n")
    .filter((line) => !(line.startsWith("type=EXECVE") && line.includes('a1="end"')))
    .join("\n");
  const rows = await rowsOf(torn, execs.replace("order", "and path like '%static' order"));
  assert.deepEqual(rows, [
    { pid: 10171, event_action: "exec", path: "/opt/t/check_static", cmdline: "", partial: 1 },
  ]);
  // Of a program with a loader, which is a second PATH record, also where it runs itself again.
  const again = await rowsOf(torn, execs.replace("order", "and pid = 10308 order"));
  assert.equal(again.length, 2);
  assert.deepEqual(again[1], {
    pid: 10308,
    event_action: "exec",
    path: "/opt/t/check",
    cmdline: "",
    partial: 1,
  });
});

// Records of Linux 6.18: a connect that worked, one that was refused, one on a socket that does not
// block, one with IOSQE_ASYNC, two in one call, one by a kernel thread (SQPOLL), and linked ones.
test("a connect of io_uring is one row, without an outcome or another's address", async () => {
  const log = recorded("io-uring-connects");
  const sql = `select pid, action, status, success, exit, error, path, comm, remote_address as address,
      remote_port as port, hex(address_bytes) as bytes, partial from socket_events order by eid`;
  assert.deepEqual(await rowsOf(log, sql), expected("io-uring-connects")["connects"]);
});

const ids = "uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0";
const at = (serial: number) => `msg=audit(1700000000.${100 + serial}:${serial}):`;
const operation = (serial: number, fields: string) =>
  `type=URINGOP ${at(serial)} ${fields} items=0 ppid=900 pid=901 ${ids} key=(null)\n`;
const exec = `type=SYSCALL ${at(1)} arch=c000003e syscall=59 success=yes exit=0 a0=1 a1=1 a2=1 a3=1 items=0 ppid=900 pid=901 auid=1000 ${ids} tty=pts0 ses=7 comm="x" exe="/opt/x" key=(null)
type=EXECVE ${at(1)} argc=1 a0="x"
`;

test("what a URINGOP record does not have is known of the process, or of nobody", async () => {
  const sql = "select path, comm, auid, session_id, uid from socket_events";
  const log = operation(2, "uring_op=16 success=yes exit=0");
  assert.deepEqual(await rowsOf(log, sql), [
    { path: "", comm: null, auid: null, session_id: null, uid: 0 },
  ]);
  assert.deepEqual(await rowsOf(exec + log, sql), [
    { path: "/opt/x", comm: "x", auid: 1000, session_id: 7, uid: 0 },
  ]);
});

test("of bind, listen and accept by io_uring nobody knows how they ended, but of an issue that failed", async () => {
  const log =
    operation(2, "uring_op=56 success=yes exit=0") +
    operation(3, "uring_op=57 success=yes exit=0") +
    operation(4, "uring_op=13 success=no exit=-11") +
    operation(5, "uring_op=13 success=yes exit=0") +
    operation(6, "uring_op=57 success=no exit=-95") +
    operation(7, "uring_op=18 success=yes exit=0");
  assert.deepEqual(
    await rowsOf(log, "select action, status, error from socket_events order by eid"),
    [
      { action: "bind", status: "", error: null },
      { action: "listen", status: "", error: null },
      { action: "accept", status: "", error: null },
      { action: "listen", status: "failed", error: "EOPNOTSUPP" },
    ],
  );
});

test("connect(2) to AF_UNSPEC ends an association", async () => {
  const call = (serial: number, success: string) =>
    `type=SYSCALL ${at(serial)} arch=c000003e syscall=42 ${success} a0=3 a1=1 a2=10 a3=0 items=0 ppid=900 pid=901 auid=1000 ${ids} tty=pts0 ses=7 comm="x" exe="/opt/x" key=(null)\n` +
    `type=SOCKADDR ${at(serial)} saddr=00000000000000000000000000000000\n`;
  const log = call(2, "success=yes exit=0") + call(3, "success=no exit=-22");
  assert.deepEqual(
    await rowsOf(log, "select action, status, family from socket_events order by eid"),
    [
      { action: "disconnect", status: "succeeded", family: 0 },
      { action: "connect", status: "failed", family: 0 },
    ],
  );
});

test("bytes of a unix socket's name are those of its address", async () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ["0100006162737472616374", "@abstract", "006162737472616374"],
    ["010040616273747261637400", "@abstract", "406162737472616374"],
    ["01000061006200", "@a\x00b\x00", "0061006200"],
    ["01002F7800", "/x", "2F78"],
    ["0100", "", ""],
    ["02009EB17F0000010000000000000000", "", ""],
  ];
  for (const [address, socket, bytes] of cases) {
    const log =
      `type=SYSCALL ${at(2)} arch=c000003e syscall=42 success=yes exit=0 a0=3 a1=1 a2=b a3=0 items=0 ppid=900 pid=901 auid=1000 ${ids} tty=pts0 ses=7 comm="x" exe="/opt/x" key=(null)\n` +
      `type=SOCKADDR ${at(2)} saddr=${address}\n`;
    const sql =
      "select socket, hex(socket_bytes) as bytes, hex(address_bytes) as address from socket_events";
    assert.deepEqual(await rowsOf(log, sql), [{ socket, bytes, address }]);
  }
});

test("a log that came through syslog, or from a host with a name of two words, has its events", async () => {
  const sql = "select pid, cmdline, node from process_events";
  const forms: readonly (readonly [RegExp, string, string])[] = [
    [/^/gm, "node=web server ", "web server"],
    [/^/gm, "node=web  ", "web"],
    [/^/gm, "Nov 30 12:00:00 h audisp-syslog[33]: node=h ", "h"],
    [/^type=(\w+) msg=/gm, "[    1.5] audit: type=$1 ", ""],
  ];
  for (const [where, prefix, node] of forms) {
    const log = exec.trimEnd().replace(where, prefix);
    const run = await runAuditql(["replay", "-", "-f", "ndjson", "-q", sql], `${log}\nfree text\n`);
    assert.equal(run.status, 0, run.stderr);
    assert.deepEqual(JSON.parse(run.stdout), { pid: 901, cmdline: "x", node: node || null });
  }
});
