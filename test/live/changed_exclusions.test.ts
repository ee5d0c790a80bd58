import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { eventually } from "./eventually.js";
import { hostPerTest, type LiveHost, skipReason } from "./live_host.js";
import { testedBackend, whyNotAudit } from "./tested_backend.js";

const skip = skipReason("live exclusions of each kind");

const loadedRules = () => execFileSync("auditctl", ["-l"], { encoding: "utf8" });

/** Runs a program to its end; gives its pid. */
function runOf(path: string, args: readonly string[] = [], options: { uid?: number } = {}): number {
  const { pid, error } = spawnSync(path, args, { stdio: "ignore", ...options });
  assert.equal(error, undefined);
  return pid;
}

function excluding(host: LiveHost, exclude: readonly unknown[]) {
  const statePath = host.home.statePath;
  return {
    auditql: { state_path: statePath, http: { port: 0 }, log: {}, capture: { exclude } },
  };
}

/** A copy of a program that only the test runs, and any user may. */
function copyOf(host: LiveHost, original: string, name: string): string {
  const directory = join(host.home.path, "bin");
  mkdirSync(directory, { recursive: true });
  for (const path of [host.home.path, directory]) chmodSync(path, 0o755);
  copyFileSync(original, join(directory, name));
  return join(directory, name);
}

const program = (host: LiveHost, name: string) => copyOf(host, "/bin/true", name);

/** What a process did after its fork, which is its parent's doing. */
async function actionsOf(host: LiveHost, pid: number): Promise<readonly unknown[]> {
  const rows = await host.daemon.query(
    `select event_action from process_events where pid = ${pid} and event_action <> 'fork' order by eid`,
  );
  return rows.map((row) => row["event_action"]);
}

/** Runs a program that is not excluded and waits until all of it is stored. */
async function settled(host: LiveHost): Promise<void> {
  const last = runOf(program(host, "last"));
  const actions = await eventually(
    () => actionsOf(host, last),
    (found) => found.length === 2,
  );
  assert.deepEqual(actions, ["exec", "exit"]);
}

async function excludedBy(host: LiveHost, name: string): Promise<number> {
  return host.daemon.number(
    `select value from auditql_health where stage = 'capture' and metric = 'excluded' and name = '${name}'`,
  );
}

describe("exclusions", { skip }, () => {
  const host = hostPerTest();

  test("of each kind leave no exec and no exit behind, also where the kernel hid the exec", async () => {
    const shell = copyOf(host, "/bin/sh", "shell");
    const [byExe, byPrefix, byUid, byAuid] = [
      program(host, "by_exe"),
      program(host, "prefix_y"),
      program(host, "by_uid"),
      program(host, "by_auid"),
    ];
    const [child, byCall] = [program(host, "child"), program(host, "by_call")];
    const exclude = [
      { exe: byExe },
      { exe_prefix: join(host.home.path, "bin/prefix_") },
      { uid: 54321 },
      { auid: 65432 },
      { parent: shell },
      { exe: byCall, syscalls: ["execve"] },
    ];
    const daemon = await host.start({ config: excluding(host, exclude) });
    const gone = [runOf(byExe), runOf(byPrefix), runOf(byUid, [], { uid: 54321 })];
    runOf("/bin/sh", ["-c", `echo 65432 > /proc/self/loginuid && exec ${byAuid}`]);
    runOf(shell, ["-c", `${child}; :`]);
    const called = runOf(byCall);
    await settled(host);
    assert.deepEqual(await Promise.all(gone.map((pid) => actionsOf(host, pid))), [[], [], []]);
    assert.deepEqual(await actionsOf(host, called), ["exit"], "an exit is not an execve");
    for (const path of [byAuid, child]) {
      const rows = `select count(*) from process_events where path = '${path}'`;
      assert.equal(await daemon.number(rows), 0, path);
    }
    // Programs in the kernel decide about parents as well.
    const counted = testedBackend === "ebpf" ? "ebpf" : `parent=${shell}`;
    assert.ok((await excludedBy(host, counted)) >= 2, "an exec and an exit");
    assert.equal(await excludedBy(host, `exe_prefix=${exclude[1]?.exe_prefix}`), 2);
  });

  test("that change hold after a reload, and nothing else is missed meanwhile", async () => {
    const [changing, kept] = [program(host, "changing"), program(host, "kept")];
    const daemon = await host.start({ config: excluding(host, []) });
    const rule = `-a never,exit -S all -F exe=${changing} -F key=auditql`;
    const before = runOf(changing);
    let runs = 0;
    for (let turn = 0; turn < 5; turn++) {
      const isExcluded = turn % 2 === 0;
      host.writeConfig(
        excluding(host, isExcluded ? [{ exe: changing }, { exe_prefix: "/x/" }] : []),
      );
      daemon.signal("SIGHUP");
      // Rules are moved one by one, and the first that matches decides.
      const areMoved = (rules: string) =>
        rules.includes(rule) === isExcluded &&
        !rules.includes("pid!=0") &&
        rules.lastIndexOf("-a never") < rules.indexOf("-a always");
      const reloads = () => daemon.stderr.match(/configuration reloaded/g)?.length ?? 0;
      const isDone = (rules: string) =>
        testedBackend === "ebpf" ? reloads() > turn : areMoved(rules);
      const rules = await eventually(async () => {
        runOf(kept);
        runs++;
        return loadedRules();
      }, isDone);
      assert.ok(isDone(rules), rules);
    }
    await settled(host);
    const after = runOf(changing);
    await settled(host);
    const execs = `select count(*) from process_events where path = '${kept}' and event_action = 'exec'`;
    assert.equal(await daemon.number(execs), runs);
    assert.deepEqual(await actionsOf(host, before), ["exec", "exit"]);
    assert.deepEqual(await actionsOf(host, after), []);
    if (testedBackend === "ebpf") return;
    const told = await daemon.query(
      `select value, reason from auditql_health where name = 'exe=${changing}' and metric = 'kernel_rules'`,
    );
    assert.deepEqual(told, [{ value: told[0]?.["value"], reason: "uncounted" }]);
    assert.equal(Number(told[0]?.["value"]), 1);
  });
});

const skipRules = skipReason("live rules of exclusions", whyNotAudit("rules of the kernel"));
describe("exclusions and rules", { skip: skipRules }, () => {
  const host = hostPerTest();

  test("that are broken after a reload leave those before in force", async () => {
    const daemon = await host.start({
      config: excluding(host, [{ exe: program(host, "by_exe") }]),
    });
    const before = loadedRules();
    host.writeConfig(excluding(host, ["-a never,exit -F nonsense=1"]));
    daemon.signal("SIGHUP");
    const said = await eventually(
      async () => daemon.stderr,
      (text) => text.includes("previous ones remain active"),
    );
    assert.match(said, /failed to apply new rules or exclusions; previous ones remain active/);
    assert.equal(loadedRules(), before);
  });

  test("that the start would reject are not loaded by a reload", async () => {
    const daemon = await host.start({ config: excluding(host, []) });
    const before = loadedRules();
    const recording = "-a always,exit -F arch=b64 -S connect -F uid=65533";
    const withoutTable = "-a always,exit -F arch=b64 -S uname -F uid=65533";
    const { auditql } = excluding(host, []);
    const captures = [{ exclude: [recording] }, { rules: [withoutTable] }];
    for (const [index, capture] of captures.entries()) {
      host.writeConfig({ auditql: { ...auditql, capture } });
      daemon.signal("SIGHUP");
      const kept = /failed to apply new rules or exclusions; previous ones remain active/g;
      await eventually(
        async () => daemon.stderr.match(kept)?.length ?? 0,
        (times) => times > index,
      );
      assert.equal(loadedRules(), before, JSON.stringify(capture));
    }
  });
});
