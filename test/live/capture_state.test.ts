import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { CaptureState } from "../../src/native/capture_state.js";
import { readExposition } from "../serve/exposition.js";
import { readAuditState } from "./audit_state.js";
import { DaemonHome, DaemonProcess } from "./daemon_process.js";
import { eventually } from "./eventually.js";
import { hostPerTest, skipReason } from "./live_host.js";
import { whyNotAudit } from "./tested_backend.js";
import { runConnects } from "./workload.js";

const skip = skipReason(
  "the live state of capture",
  whyNotAudit("its owner, its switch and its rules"),
);

async function captureOf(daemon: DaemonProcess): Promise<CaptureState> {
  const state: CaptureState = JSON.parse((await daemon.get("/v1/capture")).body);
  return state;
}

/** The state, once it has that problem, or has it no more. */
function captureOnce(daemon: DaemonProcess, name: string, isThere = true): Promise<CaptureState> {
  return eventually(
    () => captureOf(daemon),
    ({ problems }) => problems.some((problem) => problem.name === name) === isThere,
  );
}

const names = ({ problems }: CaptureState) => problems.map(({ name }) => name);
const sight = ({ sources }: CaptureState, source: string) =>
  sources.find(({ name }) => name === source)?.state;

async function metric(daemon: DaemonProcess, name: string, reason?: string): Promise<number> {
  const samples = readExposition((await daemon.get("/metrics")).body);
  return samples
    .filter((sample) => sample.name === name)
    .filter(({ labels }) => reason === undefined || labels["reason"] === reason)
    .reduce((sum, { value }) => sum + value, 0);
}

async function healthTitles(daemon: DaemonProcess): Promise<readonly string[]> {
  const { problems }: { problems: { title: string }[] } = JSON.parse(
    (await daemon.get("/v1/health")).body,
  );
  return problems.map(({ title }) => title);
}

describe("the state of a capturing daemon", { skip }, () => {
  const host = hostPerTest();

  test("by the process connector it says that sockets are not seen, and touches nothing", async () => {
    const owner = await host.start();
    assert.equal(sight(await captureOf(owner), "sockets") !== "off", true);
    const before = readAuditState();
    const home = new DaemonHome();
    const auditql = {
      state_path: home.statePath,
      http: { port: 0 },
      log: {},
      capture: { backend: "proc-connector" },
    };
    const beside = await DaemonProcess.start(home, { config: { auditql } });
    try {
      await runConnects(77, 5);
      const state = await captureOf(beside);
      assert.equal(state.backend, "proc-connector");
      assert.equal(sight(state, "sockets"), "off");
      assert.equal(await beside.number("select count(*) from socket_events"), 0);
      const problem = state.problems.find(({ name }) => name === "no_sockets");
      assert.equal(problem?.severity, "warning");
      const { status, body } = await beside.get("/readyz");
      assert.equal(status, 200);
      assert.match(body, /no sockets/);
      assert.equal(await metric(beside, "auditql_capture_active"), 1);
      assert.equal(await metric(beside, "auditql_capture_problems_total", "no_sockets"), 1);
      const active = "select active, reason from osquery_events where name = 'socket_events'";
      const [row] = await beside.query(active);
      assert.equal(row?.["active"], 0);
      assert.match(String(row?.["reason"]), /no sockets/);
      assert.match(beside.stderr, /no_sockets: .*Remedy: set auditql.capture.backend to auto/);
      assert.ok((await healthTitles(beside)).includes("socket and file events are not captured"));
    } finally {
      await beside.stop();
      home.remove();
    }
    assert.deepEqual(readAuditState(), before);
  });

  test("auditing that another turns off makes it unready, until it is on again", async () => {
    const daemon = await host.start();
    execFileSync("auditctl", ["-e", "0"], { stdio: "ignore" });
    const off = await captureOnce(daemon, "auditing_off");
    assert.deepEqual([sight(off, "processes"), sight(off, "records")], ["off", "off"]);
    assert.equal((await daemon.get("/readyz")).status, 503);
    execFileSync("auditctl", ["-e", "1"], { stdio: "ignore" });
    const on = await captureOnce(daemon, "auditing_off", false);
    assert.notEqual(sight(on, "processes"), "off");
    assert.equal((await daemon.get("/readyz")).status, 200);
    await eventually(
      async () => daemon.stderr,
      (text) => text.includes("auditing_off: no longer"),
    );
    assert.match(daemon.stderr, /auditing_off: no longer/);
  });

  test("rules that another removes are put back, counted and told", async () => {
    const daemon = await host.start();
    spawnSync("auditctl", ["-D", "-k", "auditql"], { stdio: "ignore" });
    const restored = () => metric(daemon, "auditql_capture_rules_restored_total");
    assert.ok((await eventually(restored, (value) => value >= 5)) >= 5);
    const told = await healthTitles(daemon);
    assert.ok(
      told.some((title) => title.startsWith("another program removed auditql's audit rules")),
    );
  });

  test("rules of others that hide calls are a problem while they are there", async () => {
    const rule = ["-F", "arch=b64", "-S", "connect"];
    execFileSync("auditctl", ["-a", "never,exit", ...rule], { stdio: "ignore" });
    try {
      const daemon = await host.start();
      const state = await captureOnce(daemon, "never_rule");
      assert.equal(sight(state, "sockets"), "limited");
      assert.match(state.problems[0]?.reason ?? "", /-a never,exit .*-S connect/);
    } finally {
      execFileSync("auditctl", ["-d", "never,exit", ...rule], { stdio: "ignore" });
    }
  });
});

describe("losses that the state of a capturing daemon tells", { skip }, () => {
  const host = hostPerTest();

  test("processes that are found to be silent are older than every one that made a record", async () => {
    const daemon = await host.start();
    // Its shells fork, and so does every service of the host.
    spawnSync("/bin/sh", ["-c", "for i in 1 2 3; do /bin/true; done"]);
    const state = await eventually(
      () => captureOf(daemon),
      (seen) => names(seen).includes("silent_processes"),
    );
    const problem = state.problems.find(({ name }) => name === "silent_processes");
    if (problem === undefined) {
      console.log("no process of this host is known to be silent");
      return;
    }
    const count = await metric(daemon, "auditql_capture_silent_processes");
    const recorded = new Set(
      (
        await daemon.query(
          "select distinct pid from process_events where syscall is not null and event_action in ('exec', 'fork')",
        )
      ).map((row) => Number(row["pid"])),
    );
    const alive = startTicks();
    const oldest = Math.min(...[...recorded].flatMap((pid) => alive.get(pid) ?? []));
    const older = [...alive.values()].filter((ticks) => ticks < oldest).length;
    console.log(`${problem.reason}; ${older} of ${alive.size} processes are older than records`);
    assert.ok(count > 0 && count <= older, `${count} of ${older}`);
  });

  test("a store without room makes it unready, and each event that is not stored is a loss", async () => {
    mkdirSync(host.home.statePath, { recursive: true });
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=24m", "none", host.home.statePath]);
    const daemon = await host.start();
    try {
      // Ends when there is no room left.
      spawnSync("dd", ["if=/dev/zero", `of=${join(host.home.statePath, "hog")}`, "bs=64k"]);
      const refused = async () => {
        await runConnects(78, 200);
        return metric(daemon, "auditql_store_refused_total", "disk_full");
      };
      assert.ok((await eventually(refused, (value) => value > 0)) > 0);
      const { status, body } = await daemon.get("/readyz");
      assert.equal(status, 503);
      assert.match(body, /the store rejects new events/);
      assert.ok(names(await captureOf(daemon)).includes("store_refuses"));
      const { losses }: { losses: { metric: string; reason: string }[] } = JSON.parse(
        (await daemon.get("/v1/health")).body,
      );
      assert.ok(losses.some((row) => row.metric === "refused" && row.reason === "disk_full"));
    } finally {
      await daemon.stop();
      execFileSync("umount", ["-l", host.home.statePath]);
    }
  });
});

/** Start of each process of the host but those of the kernel, in clock ticks since boot. */
function startTicks(): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      const isKernel = name === "2" || fields[1] === "2";
      if (!isKernel) found.set(Number(name), Number(fields[19]));
    } catch {
      // It has ended.
    }
  }
  return found;
}
