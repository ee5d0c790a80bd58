import assert from "node:assert/strict";
import { execFile, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import {
  type AuditState,
  readAuditState,
  restoreAuditState,
  whyNoLiveAudit,
} from "./audit_state.js";
import { DaemonHome, DaemonProcess } from "./daemon_process.js";

function whyNoIdentityTest(): string | null {
  const why = whyNoLiveAudit();
  if (why !== null) return why;
  return spawnSync("cc", ["--version"]).error === undefined ? null : "needs a C compiler (cc)";
}

const why = whyNoIdentityTest();
if (why !== null) console.log(`skipped: process identity, live (${why})`);

type Row = Readonly<Record<string, unknown>>;

/** Lines of numbers or words that the workload printed. */
async function run(
  program: string,
  ...args: readonly string[]
): Promise<readonly (readonly string[])[]> {
  const { stdout } = await promisify(execFile)(program, args, { maxBuffer: 1 << 26 });
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => line.split(" "));
}

/** By pid; throws when a pid has more than one row. */
function byPid(rows: readonly Row[]): ReadonlyMap<string, Row> {
  const found = new Map(rows.map((row) => [String(row["pid"]), row]));
  assert.equal(found.size, rows.length, "a process has two rows");
  return found;
}

describe("who a process is, live", { skip: why ?? false }, () => {
  let folder: string;
  let program: string;
  let home: DaemonHome;
  let audit: AuditState;
  let daemon: DaemonProcess;

  before(() => {
    folder = mkdtempSync("/tmp/auditql-identity-");
    program = join(folder, "process_workload");
    execFileSync("cc", ["-O1", "-pthread", "-o", program, "test/live/programs/process_workload.c"]);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  beforeEach(async () => {
    audit = readAuditState();
    home = new DaemonHome();
    daemon = await DaemonProcess.start(home);
  });
  afterEach(async () => {
    await daemon.kill();
    restoreAuditState(audit);
    home.remove();
  });

  /** Rows of the workload and everything below it, once as many are there as asked for. */
  async function rowsBelow(sql: string, wanted: number): Promise<readonly Row[]> {
    let rows: readonly Row[] = [];
    for (let tries = 0; tries < 60; tries++) {
      rows = await daemon.query(sql);
      if (rows.length >= wanted) break;
      await sleep(250);
    }
    // What comes twice comes late.
    await sleep(1500);
    return daemon.query(sql);
  }

  test("exit codes 0..255 and signals are those that wait(2) gave, one row per process", async () => {
    const ends = await run(program, "ends");
    assert.ok(ends.length > 500);
    const rows = byPid(
      await rowsBelow(
        `select pid, exit_code, exit_signal, process_uuid from process_events
         where event_action = 'exit' and path = '${program}' and pid in (${ends.map(([pid]) => pid)})`,
        ends.length,
      ),
    );
    const found = ends.map(([pid = ""]) => {
      const row = rows.get(pid);
      return `${pid} ${row?.["exit_code"] ?? 0} ${row?.["exit_signal"] ?? 0}`;
    });
    assert.deepEqual(
      found,
      ends.map((end) => end.join(" ")),
    );
  });

  test("an exit is the last row of its process, and its lifetime is one row", async () => {
    const children = (await run(program, "spawns", "300")).map(([pid = ""]) => pid);
    const list = children.join(",");
    const events = await rowsBelow(
      `select pid, event_action, process_uuid, parent_uuid from process_events
       where pid in (${list}) and path like '%/true' or pid in (${list}) and event_action = 'fork'
       order by eid`,
      900,
    );
    for (const pid of children) {
      const own = events.filter((row) => String(row["pid"]) === pid);
      const actions = own.map((row) => String(row["event_action"]));
      assert.deepEqual([...actions].sort(), ["exec", "exit", "fork"], `process ${pid}`);
      assert.equal(actions.at(-1), "exit");
      assert.equal(new Set(own.map((row) => row["process_uuid"])).size, 1);
      assert.equal(new Set(own.map((row) => row["parent_uuid"])).size, 1);
    }
    const lifetimes = byPid(
      await rowsBelow(
        `select pid, event_type, event_action, cmdline, args_count, exit_code, execs, duration
         from process_lifetimes where pid in (${list}) and path like '%/true'`,
        300,
      ),
    );
    for (const pid of children) {
      const { duration, ...row } = { ...lifetimes.get(pid) };
      assert.deepEqual(row, {
        pid: Number(pid),
        event_type: '["start","change","end"]',
        event_action: "process_ran",
        cmdline: "true spawned",
        args_count: 2,
        exit_code: 0,
        execs: 1,
      });
      assert.ok(Number(duration) > 0);
    }
  });

  test("the parents of a chain of processes are those that it wrote down", async () => {
    const pids = (await run(program, "chain", "6")).map(([pid = ""]) => pid);
    assert.equal(pids.length, 7);
    const rows = byPid(
      await rowsBelow(
        `select pid, parent, process_uuid, parent_uuid from process_events
         where event_action = 'exit' and path = '${program}' and pid in (${pids.join(",")})`,
        pids.length,
      ),
    );
    for (const [i, pid] of pids.entries()) {
      const parent = rows.get(pids[i - 1] ?? "");
      if (parent === undefined) continue;
      assert.equal(rows.get(pid)?.["parent_uuid"], parent["process_uuid"]);
      assert.equal(rows.get(pid)?.["parent"], parent["pid"]);
    }
    const leaf = String(rows.get(pids.at(-1) ?? "")?.["process_uuid"]);
    const ancestry = await daemon.query(
      `select pid from process_ancestry('${leaf}') where depth between 1 and 6 order by depth`,
    );
    assert.deepEqual(
      ancestry.map((row) => String(row["pid"])),
      pids.slice(0, -1).reverse(),
    );
  });

  test("threads make no rows", async () => {
    const [[pid = ""] = []] = await run(program, "threads", "2000");
    const rows = await rowsBelow(
      `select event_action, pid, parent from process_events
       where pid = ${pid} and path = '${program}' or parent = ${pid}`,
      2,
    );
    assert.deepEqual(
      rows.map((row) => `${row["event_action"]} ${row["pid"]}`),
      [`exec ${pid}`, `exit ${pid}`],
    );
    assert.equal(
      await daemon.number("select value from auditql_health where metric = 'unknown_child'"),
      0,
    );
  });

  test("each course of a life has its type and action", async () => {
    const lives = new Map(
      (await run(program, "lives")).map(([kind = "", pid = ""]) => [kind, pid]),
    );
    const expected = {
      fork: ['["start"] process_started', '["end"] process_stopped'],
      "fork+exec": ['["start","change"] process_started', '["end"] process_stopped'],
      "fork+exec+exit": ['["start","change","end"] process_ran'],
      "fork+exit": ['["start","end"] process_ran'],
      exec: [
        '["start"] process_started',
        '["change"] process_changed_image',
        '["end"] process_stopped',
      ],
      "exec+exit": ['["start"] process_started', '["change","end"] process_stopped'],
    };
    const rows = await rowsBelow(
      `select pid, event_type, event_action from process_lifetimes
       where pid in (${[...lives.values()].join(",")}) order by eid`,
      12,
    );
    const found = Object.fromEntries(
      [...lives].map(([kind, pid]) => [
        kind,
        rows
          .filter((row) => String(row["pid"]) === pid)
          .map((row) => `${row["event_type"]} ${row["event_action"]}`),
      ]),
    );
    assert.deepEqual(found, expected);
    const existing = await daemon.query(
      `select event_type, event_action from process_lifetimes where pid = ${process.pid}`,
    );
    assert.deepEqual(existing, [{ event_type: '["info"]', event_action: "existing_process" }]);
  });

  test("the process connector alone tells ends, parents and threads as well", async () => {
    assert.equal(await daemon.stop(), 0);
    const capture = { backend: "proc-connector" };
    daemon = await DaemonProcess.start(home, {
      config: { auditql: { state_path: home.statePath, http: { port: 0 }, log: {}, capture } },
    });
    const ends = await run(program, "ends");
    const [[threaded = ""] = []] = await run(program, "threads", "500");
    const rows = await rowsBelow(
      `select pid, exit_code, exit_signal, process_uuid, parent_uuid from process_events
       where event_action = 'exit' and backend = 'proc-connector'
       and pid in (${ends.map(([pid]) => pid)})`,
      ends.length,
    );
    const found = byPid(rows);
    assert.deepEqual(
      ends.map(([pid = ""]) => {
        const row = found.get(pid);
        return `${pid} ${row?.["exit_code"] ?? 0} ${row?.["exit_signal"] ?? 0}`;
      }),
      ends.map((end) => end.join(" ")),
    );
    assert.equal(new Set(rows.map((row) => row["parent_uuid"])).size, 1);
    assert.equal(new Set(rows.map((row) => row["process_uuid"])).size, ends.length);
    const actions = await daemon.query(
      `select event_action, cmdline from process_events where pid = ${threaded} order by eid`,
    );
    assert.deepEqual(actions, [
      { event_action: "fork", cmdline: null },
      { event_action: "exec", cmdline: `${program} threads 500` },
      { event_action: "exit", cmdline: null },
    ]);
  });

  test("a restart of the daemon leaves the identity of a living process as it is", async () => {
    const child = spawn("/bin/sleep", ["60"], { stdio: "ignore" });
    const identities = `select distinct process_uuid, parent_uuid, start_time from process_events
       where pid = ${child.pid} and path like '%/sleep'`;
    await rowsBelow(identities, 1);
    assert.equal(await daemon.stop(), 0);
    daemon = await DaemonProcess.start(home);
    const again = await rowsBelow(identities, 1);
    const actions = await daemon.query(
      `select event_action from process_events where pid = ${child.pid} and path like '%/sleep' order by eid`,
    );
    child.kill();
    await once(child, "exit");
    assert.equal(again.length, 1);
    assert.deepEqual(
      actions.map((row) => row["event_action"]),
      ["exec", "existing_process"],
    );
  });

  test("20,000 processes over three rounds of pids: no uuid twice, every parent known", async () => {
    const file = "/proc/sys/kernel/pid_max";
    const allowed = readFileSync(file, "utf8");
    const count = 20_000;
    let links: readonly (readonly string[])[] = [];
    try {
      writeFileSync(file, "6000");
      links = await run(program, "storm", String(count));
    } finally {
      writeFileSync(file, allowed);
    }
    assert.equal(links.length, count);
    const rows = await rowsBelow(
      `select pid, parent, process_uuid, parent_uuid, exit_code from process_events
       where event_action = 'exit' and path = '${program}' and exit_code between 1 and 4 order by eid`,
      count,
    );
    assert.equal(rows.length, count);
    assert.equal(new Set(rows.map((row) => row["process_uuid"])).size, count);
    // Innermost of a chain ends first, while the chain writes itself down from its first.
    const chains = (pairs: readonly string[]) =>
      Array.from({ length: count / 4 }, (_, i) =>
        pairs
          .slice(4 * i, 4 * i + 4)
          .sort()
          .join(),
      );
    assert.deepEqual(
      chains(rows.map((row) => `${row["pid"]} ${row["parent"]}`)),
      chains(links.map(([pid, parent]) => `${pid} ${parent}`)),
    );
    const known = new Set(rows.map((row) => row["process_uuid"]));
    const [workload] = await daemon.query(
      `select process_uuid from process_events where path = '${program}' and event_action = 'exec'`,
    );
    known.add(workload?.["process_uuid"]);
    assert.deepEqual(
      rows.filter((row) => !known.has(row["parent_uuid"])),
      [],
    );
    const forks = await daemon.query(
      `select process_uuid from process_events where event_action = 'fork' and path = '${program}'`,
    );
    assert.deepEqual(
      new Set(forks.map((row) => row["process_uuid"])),
      new Set(rows.map((row) => row["process_uuid"])),
    );
  });
});
