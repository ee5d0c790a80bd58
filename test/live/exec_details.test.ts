import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { compiledProgram, whyNoCompiler } from "./c_program.js";
import { hostPerTest, skipReason } from "./live_host.js";
import { settledRows, whileRunning } from "./settled_rows.js";
import { whyNoCapture } from "./tested_backend.js";

const skip = skipReason("details of execs, live", whyNoCapture() ?? whyNoCompiler());

describe("what an exec row tells of its process, live", { skip }, () => {
  const workload = compiledProgram("process_workload");
  const host = hostPerTest((ready) => ready.start());

  test("a process that rewrites its arguments and its name is shown as it was started", () =>
    whileRunning(workload, ["disguise", "word"], async ([pid = ""]) => {
      const cmdline = `${workload.path} disguise word`;
      const started = { cmdline, comm: "process_workloa" };
      const [row] = await settledRows(
        host.daemon,
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
    await whileRunning(workload, ["confine"], async ([pid = "", uts = ""]) => {
      const [row] = await settledRows(
        host.daemon,
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
});

describe("what an exec row tells of a process that has ended, live", { skip }, () => {
  const host = hostPerTest();

  test("what came too late of short processes is named and counted, and never looks like none", async () => {
    const capture = { environment: { keep: ["KEPT*"] } };
    const daemon = await host.start({
      config: {
        auditql: { state_path: host.home.statePath, http: { port: 0 }, log: {}, capture },
      },
    });
    const shell = spawnSync("sh", ["-c", "for i in $(seq 1000); do KEPT=1 /bin/true; done"]).pid;
    await daemon.caughtUp();
    const groups = {
      capabilities: "cap_effective is null or no_new_privs is null",
      namespaces: "pid_namespace is null or mnt_namespace is null",
      cgroup: "coalesce(cgroup_path, '') = ''",
      environment: "env_count is null",
      executable: "executable_id is null",
    };
    for (const [group, isUnknown] of Object.entries(groups)) {
      const isNamed = `coalesce(',' || unknown_facts || ',', '') like '%,${group},%'`;
      const [row] = await daemon.query(
        `select count(*) as differ from process_events
         where event_action = 'exec' and error is null and path != ''
           and (${isNamed}) != (${isUnknown})`,
      );
      assert.deepEqual(row, { differ: 0 }, group);
      const named = await daemon.number(`select count(*) from process_events where ${isNamed}`);
      const counted = await daemon.number(
        `select value from auditql_health where name = 'exec_facts' and metric = 'unknown' and reason = '${group}'`,
      );
      assert.equal(named, counted, group);
    }
    const none = await daemon.number(
      `select count(*) from process_events where parent = ${shell} and path like '%/true' and event_action = 'exec'
       and coalesce(unknown_facts, '') not like '%environment%' and env not like '%KEPT=1%'`,
    );
    assert.equal(none, 0);
  });
});
