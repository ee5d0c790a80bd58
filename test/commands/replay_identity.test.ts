import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { runAuditql } from "./command_run.js";

interface Made {
  readonly ms: number;
  readonly serial: number;
  readonly pid: number;
  readonly ppid?: number;
  readonly node?: string;
}

const second = 1_700_000_000;

/** One record, as auditd writes it; `ms` counts from the first second of these logs. */
function record(type: string, { ms, serial, node }: Omit<Made, "pid">, fields: string): string {
  const prefix = node === undefined ? "" : `node=${node} `;
  const time = `${second + Math.floor(ms / 1000)}.${String(ms % 1000).padStart(3, "0")}`;
  return `${prefix}type=${type} msg=audit(${time}:${serial}): ${fields}\n`;
}

function call(made: Made, fields: string): string {
  const ids = "auid=1000 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 ses=1";
  const caller = `items=0 ppid=${made.ppid ?? 800} pid=${made.pid} ${ids}`;
  const whole = `arch=c000003e ${fields} ${caller} comm="x" exe="/opt/x" key=(null)`;
  return record("SYSCALL", made, whole) + record("EOE", made, "");
}

const clone = (made: Made, child: number, flags = "1200011") =>
  call(made, `syscall=56 success=yes exit=${child} a0=${flags} a1=0 a2=0 a3=0`);
const clone3 = (made: Made, child: number) =>
  call(made, `syscall=435 success=yes exit=${child} a0=7ffc a1=58 a2=0 a3=0`);
const exit = (made: Made) => call(made, "syscall=231 a0=0 a1=0 a2=0 a3=0");
const connect = (made: Made) => call(made, "syscall=42 success=no exit=-111 a0=3 a1=1 a2=10 a3=0");
const exec = (made: Made) =>
  call(made, "syscall=59 success=yes exit=0 a0=1 a1=1 a2=1 a3=1").replace(
    /^(?:node=.* )?type=EOE/m,
    `${record("EXECVE", made, 'argc=1 a0="x"')}$&`,
  );

type Row = Readonly<Record<string, number | string | null>>;

async function replay(log: string, sql: string): Promise<readonly Row[]> {
  const run = await runAuditql(["replay", "-", "-f", "ndjson", "-q", sql], log);
  assert.equal(run.status, 0, run.stderr);
  return run.stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

const processes =
  "select event_action as action, pid, process_uuid as uuid, parent_uuid as parent, partial from process_events order by eid";
const lifetimes =
  "select event_action as action, pid, start_time as start, duration from process_lifetimes order by eid";
const ns = (ms: number) => second * 1e9 + ms * 1e6;

test("fork, exec and exit of a recorded process are one lifetime with its own times", async () => {
  const log =
    clone({ ms: 105, serial: 10, pid: 900 }, 901) +
    exec({ ms: 200, serial: 11, pid: 901, ppid: 900 }) +
    exit({ ms: 300, serial: 12, pid: 901, ppid: 900 });
  assert.deepEqual(await replay(log, lifetimes), [
    { action: "process_ran", pid: 901, start: ns(105), duration: 195e6 },
  ]);
  const rows = await replay(log, processes);
  assert.deepEqual(
    rows.map(({ action, partial }) => [action, partial]),
    [
      ["fork", 0],
      ["exec", 0],
      ["exit", 0],
    ],
  );
  assert.equal(new Set(rows.map(({ uuid }) => uuid)).size, 1);
  assert.equal(new Set(rows.map(({ parent }) => parent)).size, 1);
  assert.match(String(rows[0]?.["uuid"]), /^[0-9a-f-]{36}$/);
  assert.match(String(rows[0]?.["parent"]), /^[0-9a-f-]{36}$/);
});

test("a vforked child, whose exec is recorded before its fork, starts with the fork", async () => {
  const log =
    exec({ ms: 130, serial: 11, pid: 901, ppid: 900 }) +
    call({ ms: 100, serial: 10, pid: 900 }, "syscall=58 success=yes exit=901 a0=0 a1=0 a2=0 a3=0") +
    exit({ ms: 300, serial: 12, pid: 901, ppid: 900 });
  assert.deepEqual(await replay(log, lifetimes), [
    { action: "process_ran", pid: 901, start: ns(100), duration: 200e6 },
  ]);
});

test("of clone3 the later life of the number tells a process from a thread", async () => {
  const log =
    clone3({ ms: 100, serial: 10, pid: 900 }, 901) +
    clone3({ ms: 110, serial: 11, pid: 900 }, 902) +
    connect({ ms: 5000, serial: 12, pid: 901, ppid: 900 }) +
    exit({ ms: 6000, serial: 13, pid: 901, ppid: 900 });
  const rows = await replay(log, processes);
  assert.deepEqual(
    rows.map(({ action, pid, partial }) => [action, pid, partial]),
    [
      ["fork", 901, 0],
      ["exit", 901, 0],
      ["fork", 902, 1],
    ],
  );
  assert.equal(rows[0]?.["uuid"], rows[1]?.["uuid"]);
  assert.equal(rows[2]?.["uuid"], null);
  const sockets = await replay(log, "select process_uuid as uuid from socket_events");
  assert.equal(sockets[0]?.["uuid"], rows[0]?.["uuid"]);
  const ends = await replay(log, `${lifetimes} limit 1 offset 1`);
  assert.deepEqual(ends, [
    { action: "process_stopped", pid: 901, start: ns(100), duration: 5900e6 },
  ]);
});

test("the start of a process in whose middle the log begins is not known", async () => {
  const log = exit({ ms: 100, serial: 10, pid: 901 });
  assert.deepEqual(await replay(log, lifetimes), [
    { action: "process_stopped", pid: 901, start: null, duration: null },
  ]);
});

test("hosts share no process, whatever their pids and serials", async () => {
  const log =
    exec({ ms: 100, serial: 10, pid: 902, node: "a" }) +
    connect({ ms: 200, serial: 10, pid: 902, node: "b" }) +
    record(
      "USER_CMD",
      { ms: 250, serial: 12, node: "b" },
      "pid=902 uid=0 auid=1 ses=1 msg='cmd=6964'",
    ) +
    exit({ ms: 300, serial: 11, pid: 902, node: "b" }) +
    exit({ ms: 400, serial: 11, pid: 902, node: "a" });
  const sql = `select node, process_uuid as uuid from process_events
    union all select node, process_uuid from socket_events
    union all select node, process_uuid from user_events`;
  const rows = await replay(log, sql);
  const uuids = (node: string) =>
    new Set(rows.filter((row) => row["node"] === node).map((row) => row["uuid"]));
  assert.equal(rows.length, 5);
  assert.deepEqual([uuids("a").size, uuids("b").size], [1, 1]);
  assert.notDeepEqual(uuids("a"), uuids("b"));
  const ends = await replay(log, `${lifetimes.replace("order", "where start_time > 0 order")}`);
  assert.deepEqual(ends, [
    { action: "process_stopped", pid: 902, start: ns(100), duration: 300e6 },
  ]);
});

test("a boot ends every process, whether serials or a record tell it", async () => {
  const before = exec({ ms: 100, serial: 90_000, pid: 902 });
  const boots: readonly string[] = [
    exit({ ms: 60_000, serial: 12, pid: 902 }),
    exec({ ms: 50_000, serial: 90_300, pid: 903 }) +
      record("SYSTEM_BOOT", { ms: 60_000, serial: 89_900 }, "pid=500 uid=0 auid=1 ses=1 msg=''") +
      exit({ ms: 60_100, serial: 90_000, pid: 902 }),
  ];
  for (const boot of boots) {
    const rows = await replay(
      before + boot,
      `${processes.replace("order", "where pid = 902 order")}`,
    );
    assert.deepEqual(
      rows.map(({ action }) => action),
      ["exec", "exit"],
    );
    assert.notEqual(rows[0]?.["uuid"], rows[1]?.["uuid"]);
  }
  const later = exit({ ms: 60_000, serial: 95_000, pid: 902 });
  const [first, last] = await replay(before + later, processes);
  assert.equal(first?.["uuid"], last?.["uuid"]);
});

test("a process has one uuid, whichever of a host's logs are read together", async () => {
  const older = exec({ ms: 100, serial: 10, pid: 700 });
  const newer =
    clone({ ms: 4_000_100, serial: 20, pid: 900 }, 901) +
    exit({ ms: 4_000_300, serial: 21, pid: 901, ppid: 900 });
  const sql = `${processes.replace("order", "where pid = 901 order")}`;
  const alone = (await replay(newer, sql)).map(({ uuid }) => uuid);
  const together = (await replay(older + newer, sql)).map(({ uuid }) => uuid);
  assert.equal(alone.length, 2);
  assert.deepEqual(alone, together);
});

test("a number from another pid namespace is not taken for a process of the host", async () => {
  const log =
    exec({ ms: 100, serial: 10, pid: 7, ppid: 2 }) +
    clone({ ms: 5_000, serial: 11, pid: 9000 }, 7) +
    exit({ ms: 9_000, serial: 12, pid: 7, ppid: 2 });
  const rows = await replay(log, processes);
  assert.deepEqual(
    rows.map(({ action, partial }) => [action, partial]),
    [
      ["exec", 0],
      ["exit", 0],
      ["fork", 1],
    ],
  );
  assert.equal(rows[0]?.["uuid"], rows[1]?.["uuid"]);
  assert.equal(rows[2]?.["uuid"], null);
});

test("no time of a long log lies outside of it, and forks lead to their children", async () => {
  const packed = readFileSync("test/testdata/decode/shell-storm.log.gz");
  const log = gunzipSync(packed).toString("latin1");
  const [times] = await replay(
    log,
    `select count(*) as rows,
       sum(start_time < (select min(ntime) from process_events)) as early,
       sum(start_time + duration > (select max(ntime) from process_events)) as late,
       sum(duration is not null and start_time + duration <> ntime) as other,
       sum(event_action = 'process_ran') as ran from process_lifetimes`,
  );
  assert.deepEqual(times, { rows: 170, early: 0, late: 0, other: 0, ran: 156 });
  const [forks] = await replay(
    log,
    `with forks as (select * from process_events where event_action = 'fork')
     select count(*) as pairs, sum(c.process_uuid is not f.process_uuid) as torn,
       sum(f.parent_uuid is null) as orphans from forks f join process_events c
     on c.pid = f.pid and c.event_action <> 'fork' and c.ntime >= f.ntime`,
  );
  assert.deepEqual(forks, { pairs: 384, torn: 0, orphans: 0 });
});
