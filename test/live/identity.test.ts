import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { describe, test } from "node:test";
import { whyNoLiveAudit } from "./audit_state.js";
import { compiledProgram, whyNoCompiler } from "./c_program.js";
import { hostPerTest, skipReason } from "./live_host.js";

const skip = skipReason("process identity, live", whyNoLiveAudit() ?? whyNoCompiler());

type Row = Readonly<Record<string, unknown>>;

/** By pid; throws when a pid has more than one row. */
function byPid(rows: readonly Row[]): ReadonlyMap<string, Row> {
  const found = new Map(rows.map((row) => [String(row["pid"]), row]));
  assert.equal(found.size, rows.length, "a process has two rows");
  return found;
}

describe("who a process is, live", { skip }, () => {
  const workload = compiledProgram("process_workload");
  const host = hostPerTest((ready) => ready.start());

  /** Rows of the workload and everything below it: as many as asked for, and what comes behind. */
  async function rowsBelow(sql: string, wanted: number): Promise<readonly Row[]> {
    await host.daemon.rowsOnce(sql, wanted);
    await host.daemon.caughtUp();
    return host.daemon.query(sql);
  }

  test("exit codes 0..255 and signals are those that wait(2) gave, one row per process", async () => {
    const ends = await workload.run("ends");
    assert.ok(ends.length > 500);
    const rows = byPid(
      await rowsBelow(
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
    const pids = (await workload.run("chain", "6")).map(([pid = ""]) => pid);
    assert.equal(pids.length, 7);
    const rows = byPid(
      await rowsBelow(
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
    const rows = await rowsBelow(
      `select event_action, pid, parent from process_events
       where pid = ${pid} and path = '${workload.path}' or parent = ${pid}`,
      2,
    );
    assert.deepEqual(
      rows.map((row) => `${row["event_action"]} ${row["pid"]}`),
      [`exec ${pid}`, `exit ${pid}`],
    );
    assert.equal(
      await host.daemon.number("select value from auditql_health where metric = 'unknown_child'"),
      0,
    );
  });

  test("each course of a life has its type and action", async () => {
    const lives = new Map(
      (await workload.run("lives")).map(([kind = "", pid = ""]) => [kind, pid]),
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

  test("the process connector alone tells ends, parents and threads as well", async () => {
    assert.equal(await host.daemon.stop(), 0);
    const capture = { backend: "proc-connector" };
    await host.start({
      config: { auditql: { state_path: host.home.statePath, http: { port: 0 }, log: {}, capture } },
    });
    const ends = await workload.run("ends");
    const [[threaded = ""] = []] = await workload.run("threads", "500");
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
    const actions = await host.daemon.query(
      `select event_action, cmdline from process_events where pid = ${threaded} order by eid`,
    );
    assert.deepEqual(actions, [
      { event_action: "fork", cmdline: null },
      { event_action: "exec", cmdline: `${workload.path} threads 500` },
      { event_action: "exit", cmdline: null },
    ]);
  });

  test("a restart of the daemon leaves the identity of a living process as it is", async () => {
    const child = spawn("/bin/sleep", ["60"], { stdio: "ignore" });
    const identities = `select distinct process_uuid, parent_uuid, start_time from process_events
       where pid = ${child.pid} and path like '%/sleep'`;
    await rowsBelow(identities, 1);
    assert.equal(await host.daemon.stop(), 0);
    await host.start();
    const again = await rowsBelow(identities, 1);
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

  /** Runs the workload until `look` is done with its first line; it waits for the end of input. */
  async function whileRunning(
    args: readonly string[],
    look: (words: readonly string[]) => Promise<void>,
  ): Promise<void> {
    const child: ChildProcess = spawn(workload.path, args, { stdio: ["pipe", "pipe", "inherit"] });
    try {
      assert.ok(child.stdout !== null);
      const [line] = await once(child.stdout, "data");
      await look(String(line).trim().split(" "));
    } finally {
      const ended = once(child, "exit");
      child.stdin?.end();
      await ended;
    }
  }

  test("a process that rewrites its arguments and its name is shown as it was started", () =>
    whileRunning(["disguise", "word"], async ([pid = ""]) => {
      const cmdline = `${workload.path} disguise word`;
      const started = { cmdline, comm: "process_workloa" };
      const [row] = await rowsBelow(
        `select cmdline, comm, process_uuid, parent_uuid from process_events
         where event_action = 'exec' and pid = ${pid} and path = '${workload.path}'`,
        1,
      );
      const { process_uuid: uuid, parent_uuid: parentUuid, ...shown } = { ...row };
      assert.deepEqual(shown, started);
      const lifetimes = `select cmdline, comm from process_lifetimes where process_uuid = '${uuid}'`;
      assert.deepEqual(await host.daemon.rowsOnce(lifetimes, 1), [started]);
      const ancestry = `select cmdline from process_ancestry('${uuid}') where depth = 0`;
      assert.deepEqual(await host.daemon.query(ancestry), [{ cmdline }]);
      // What it shows now, under the same identity.
      assert.deepEqual(
        await host.daemon.query(
          `select p.cmdline, p.name, p.process_uuid, t.process_uuid as node, t.parent_uuid, t.parent
           from processes p join process_tree t using (pid) where pid = ${pid}`,
        ),
        [
          {
            cmdline: "[kworker/0:1]",
            name: "kworker/0:1",
            process_uuid: uuid,
            node: uuid,
            parent_uuid: parentUuid,
            parent: process.pid,
          },
        ],
      );
    }));

  test("privileges, namespaces, environment and arguments are kept as configured", async () => {
    await host.daemon.stop();
    const capture = {
      redact_arguments: ["--password"],
      environment: { keep: ["KEPT*"], redact: ["*token"] },
    };
    await host.start({
      config: {
        auditql: { state_path: host.home.statePath, http: { port: 0 }, log: {}, capture },
      },
    });
    await whileRunning(["confine"], async ([pid = "", uts = ""]) => {
      const [row] = await rowsBelow(
        `select cmdline, cmdline_size, env, env_count, env_size, no_new_privs, uts_namespace,
           printf('%016x', cap_effective) as effective, cgroup_path
         from process_events where pid = ${pid} and cmdline like '% wait %'`,
        1,
      );
      const status = readFileSync(`/proc/${pid}/status`, "latin1");
      assert.deepEqual(row, {
        cmdline: `${workload.path} wait --password=***`,
        cmdline_size: workload.path.length + " wait --password=hunter2".length,
        env: "KEPT=a b KEPT_TOKEN=***",
        env_count: 3,
        env_size: "LANG=C KEPT=a b KEPT_TOKEN=hunter2 ".length,
        no_new_privs: 1,
        uts_namespace: Number(uts),
        effective: /^CapEff:\s*(\S+)/m.exec(status)?.[1],
        cgroup_path: /^[^:]*:[^:]*:(.*)/.exec(readFileSync(`/proc/${pid}/cgroup`, "utf8"))?.[1],
      });
      const lifetime = await host.daemon.rowsOnce(
        `select cmdline from process_lifetimes where pid = ${pid}`,
        1,
      );
      assert.deepEqual(lifetime, [{ cmdline: `${workload.path} wait --password=***` }]);
    });
  });

  test("a storm of 20,000 over three rounds of pids: no uuid twice, every chain and end as written down", async () => {
    const file = "/proc/sys/kernel/pid_max";
    const allowed = readFileSync(file, "utf8");
    const count = 20_000;
    let links: readonly (readonly string[])[] = [];
    try {
      writeFileSync(file, "6000");
      links = await workload.run("storm", String(count));
    } finally {
      writeFileSync(file, allowed);
    }
    assert.equal(links.length, count);
    const ofStorm = `event_action = 'exit' and path = '${workload.path}'
       and (exit_code between 1 and 4 or exit_signal = 9)`;
    const rows = await rowsBelow(
      `select pid, parent, process_uuid, parent_uuid, exit_code, exit_signal
       from process_events where ${ofStorm} order by ntime`,
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
      chains(
        rows.map(
          (row) =>
            `${row["pid"]} ${row["parent"]} ${row["exit_code"] ?? 0} ${row["exit_signal"] ?? 0}`,
        ),
      ),
      chains(links.map((words) => words.join(" "))),
    );
    const ancestries = await host.daemon.query(
      `select group_concat(pid, ' ') as chain from (
         select leaf.ntime as ended, leaf.eid as eid, a.pid as pid
         from process_events leaf, process_ancestry(leaf.process_uuid) a
         where leaf.event_action = 'exit' and leaf.path = '${workload.path}'
           and (leaf.exit_code = 4 or leaf.exit_signal = 9) and a.depth <= 4
         order by leaf.eid, a.depth)
       group by eid order by ended`,
    );
    assert.deepEqual(
      ancestries.map((row) => row["chain"]),
      Array.from({ length: count / 4 }, (_, i) => {
        const chain = links.slice(4 * i, 4 * i + 4).map(([pid]) => pid);
        return [...chain.reverse(), links[4 * i]?.[1]].join(" ");
      }),
    );
    const known = new Set(rows.map((row) => row["process_uuid"]));
    const [started] = await host.daemon.query(
      `select process_uuid from process_events where path = '${workload.path}' and event_action = 'exec'`,
    );
    known.add(started?.["process_uuid"]);
    assert.deepEqual(
      rows.filter((row) => !known.has(row["parent_uuid"])),
      [],
    );
    const forks = await host.daemon.query(
      `select process_uuid from process_events where event_action = 'fork' and path = '${workload.path}'`,
    );
    assert.deepEqual(
      new Set(forks.map((row) => row["process_uuid"])),
      new Set(rows.map((row) => row["process_uuid"])),
    );
  });
});
