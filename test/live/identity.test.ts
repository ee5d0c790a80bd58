import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, test } from "node:test";
import { compiledProgram, whyNoCompiler } from "./c_program.js";
import { hostPerTest, skipReason } from "./live_host.js";
import { type Row, settledRows, whileRunning } from "./settled_rows.js";
import { whyNoCapture } from "./tested_backend.js";

const skip = skipReason("process identity, live", whyNoCapture() ?? whyNoCompiler());

/** By pid; throws when a pid has more than one row. */
function byPid(rows: readonly Row[]): ReadonlyMap<string, Row> {
  const found = new Map(rows.map((row) => [String(row["pid"]), row]));
  assert.equal(found.size, rows.length, "a process has two rows");
  return found;
}

/** A running daemon for each test of the enclosing suite, and the program that it observes. */
function hostAndWorkload() {
  const workload = compiledProgram("process_workload");
  return { workload, host: hostPerTest((ready) => ready.start()) };
}

describe("who a process is, live", { skip }, () => {
  const { workload, host } = hostAndWorkload();

  test("exit codes 0..255 and signals are those that wait(2) gave, one row per process", async () => {
    const ends = await workload.run("ends");
    assert.ok(ends.length > 500);
    const rows = byPid(
      await settledRows(
        host.daemon,
        `select pid, exit_code, exit_signal, process_uuid from process_events
         where event_action = 'exit' and path = '${workload.path}' and pid in (${ends.map(([pid]) => pid)})`,
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
    const children = (await workload.run("spawns", "300")).map(([pid = ""]) => pid);
    const list = children.join(",");
    const events = await settledRows(
      host.daemon,
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
      await settledRows(
        host.daemon,
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
});

describe("parents and threads, live", { skip }, () => {
  const { workload, host } = hostAndWorkload();

  test("the parents of a chain of processes are those that it wrote down", async () => {
    const pids = (await workload.run("chain", "6")).map(([pid = ""]) => pid);
    assert.equal(pids.length, 7);
    const rows = byPid(
      await settledRows(
        host.daemon,
        `select pid, parent, process_uuid, parent_uuid from process_events
         where event_action = 'exit' and path = '${workload.path}' and pid in (${pids.join(",")})`,
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
    const ancestry = await host.daemon.query(
      `select pid from process_ancestry('${leaf}') where depth between 1 and 6 order by depth`,
    );
    assert.deepEqual(
      ancestry.map((row) => String(row["pid"])),
      pids.slice(0, -1).reverse(),
    );
  });

  test("threads make no rows", async () => {
    const [[pid = ""] = []] = await workload.run("threads", "2000");
    const rows = await settledRows(
      host.daemon,
      `select event_action, pid, parent from process_events
       where pid = ${pid} and path = '${workload.path}' or parent = ${pid}`,
      2,
    );
    assert.deepEqual(
      rows.map((row) => `${row["event_action"]} ${row["pid"]}`),
      [`exec ${pid}`, `exit ${pid}`],
    );
    const unknown = "select value from auditql_health where metric = 'unknown_child'";
    // Of what else this host does meanwhile some may be.
    assert.ok((await host.daemon.number(unknown)) < 200);
  });
});

describe("courses of life, live", { skip }, () => {
  const { workload, host } = hostAndWorkload();

  test("each course of a life has its type and action", async () => {
    let courses = await workload.run("lives");
    // What a busy host held up is another course.
    while (courses.some(([, , lateMs]) => Number(lateMs) >= 500)) {
      courses = await workload.run("lives");
    }
    const lives = new Map(courses.map(([kind = "", pid = ""]) => [kind, pid]));
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
    const rows = await settledRows(
      host.daemon,
      `select pid, event_type, event_action from process_lifetimes
       where pid in (${[...lives.values()].join(",")}) order by eid`,
      Object.values(expected).flat().length,
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
    const existing = await host.daemon.query(
      `select event_type, event_action from process_lifetimes where pid = ${process.pid}`,
    );
    assert.deepEqual(existing, [{ event_type: '["info"]', event_action: "existing_process" }]);
  });
});

describe("identity without audit and across restarts, live", { skip }, () => {
  const { workload, host } = hostAndWorkload();

  test("the process connector alone tells ends, parents and threads as well", async () => {
    assert.equal(await host.daemon.stop(), 0);
    const capture = { backend: "proc-connector" };
    await host.start({
      config: { auditql: { state_path: host.home.statePath, http: { port: 0 }, log: {}, capture } },
    });
    const ends = await workload.run("ends");
    let threaded = "";
    // Arguments are read from /proc, where they are for as long as the process lives.
    await whileRunning(workload, ["threads", "500"], async ([pid = ""]) => {
      threaded = pid;
      const exec = `event_action = 'exec' and pid = ${pid}`;
      await host.daemon.rowsOnce(`select 1 from process_events where ${exec}`, 1);
    });
    const rows = await settledRows(
      host.daemon,
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
    const actions = await host.daemon.query(
      `select event_action, cmdline from process_events where pid = ${threaded} order by eid`,
    );
    assert.deepEqual(actions, [
      { event_action: "fork", cmdline: "" },
      { event_action: "exec", cmdline: `${workload.path} threads 500` },
      { event_action: "exit", cmdline: "" },
    ]);
  });

  test("a restart of the daemon leaves the identity of a living process as it is", async (context) => {
    const child = spawn("/bin/sleep", ["3600"], { stdio: "ignore" });
    context.after(() => child.kill());
    const identities = `select distinct process_uuid, parent_uuid, start_time from process_events
       where pid = ${child.pid} and path like '%/sleep'`;
    await settledRows(host.daemon, identities, 1);
    assert.equal(await host.daemon.stop(), 0);
    await host.start();
    const again = await settledRows(host.daemon, identities, 1);
    const actions = await host.daemon.query(
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
});
