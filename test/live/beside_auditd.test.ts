import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { CaptureState } from "../../src/native/capture_state.js";
import { auditStatus, readAuditState, restoreAuditState } from "./audit_state.js";
import type { DaemonProcess } from "./daemon_process.js";
import { eventually } from "./eventually.js";
import { hostPerTest, type LiveHost, skipReason } from "./live_host.js";
import { whyNotAudit } from "./tested_backend.js";
import { runConnects } from "./workload.js";

const hasAuditd = spawnSync("sh", ["-c", "command -v auditd ausearch"]).status === 0;
const skip = hasAuditd
  ? skipReason(
      "capture next to auditd",
      whyNotAudit("it names its backends, so that one run is enough"),
    )
  : skipReason("capture next to auditd", "needs auditd (apt install auditd)");

/** What auditd is asked to record: it is the key of its rules, too. */
const key = "beside";
const ownersRules = [["-a", "always,exit", "-F", "arch=b64", "-S", "execve,connect", "-k", key]];

async function captureOf(daemon: DaemonProcess): Promise<CaptureState> {
  const state: CaptureState = JSON.parse((await daemon.get("/v1/capture")).body);
  return state;
}

const sight = ({ sources }: CaptureState, source: string) =>
  sources.find(({ name }) => name === source)?.state;

/** auditd with the host's configuration but a log of its own. */
class Auditd {
  readonly folder: string;
  #child: ChildProcess | null = null;

  constructor(parent: string) {
    this.folder = join(parent, "auditd");
    mkdirSync(join(this.folder, "log"), { recursive: true });
    const config = readFileSync("/etc/audit/auditd.conf", "utf8")
      .replace(/^log_file.*/m, `log_file = ${this.logPath}`)
      .replace(/^log_group.*/m, "log_group = root")
      .replace(/^log_format.*/m, "log_format = RAW");
    writeFileSync(join(this.folder, "auditd.conf"), config);
  }

  get logPath(): string {
    return join(this.folder, "log", "audit.log");
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** As systemd does it: again, for as long as it ends because it may not own the stream. */
  async start(): Promise<void> {
    await eventually(
      () => this.#tryToStart(),
      (owns) => owns,
    );
    assert.equal(auditStatus("pid"), this.pid);
  }

  async #tryToStart(): Promise<boolean> {
    const child = spawn("auditd", ["-n", "-c", this.folder], { stdio: "ignore" });
    this.#child = child;
    return eventually(
      async () => auditStatus("pid") === child.pid,
      (owns) => owns || child.exitCode !== null,
    );
  }

  async stop(): Promise<void> {
    if (this.#child === null || this.#child.exitCode !== null) return;
    this.#child.kill("SIGTERM");
    await once(this.#child, "exit");
  }

  /** Process ids of the executions by children of a process, from its log. */
  executions(parent: number): readonly number[] {
    const options = ["--input", this.logPath, "--raw", "-k", key, "-pp", String(parent)];
    const text = execFileSync("ausearch", options, { encoding: "utf8", maxBuffer: 1 << 26 });
    return [...text.matchAll(/^type=SYSCALL .* syscall=59 .* pid=(\d+) /gm)].map(([, pid]) =>
      Number(pid),
    );
  }
}

/** Messages of user space, each with a text of its own. */
function sendMessages(prefix: string, count: number): void {
  const loop = `for i in $(seq ${count}); do auditctl -m "${prefix}-$i-"; done`;
  spawnSync("sh", ["-c", loop], { stdio: "ignore" });
}

const messages = (prefix: string) =>
  `select count(*), count(distinct message) as n from user_events where message like '%${prefix}-%'`;

/** Options of a daemon that selects its backend itself. */
const automatic = (host: LiveHost, audit = "auto") => ({
  config: {
    auditql: {
      state_path: host.home.statePath,
      http: { port: 0 },
      log: {},
      capture: { backend: "auto", audit },
    },
  },
});

/** Runs with auditd, and leaves nothing of it behind. */
async function withAuditd(host: LiveHost, body: (auditd: Auditd) => Promise<void>): Promise<void> {
  const auditd = new Auditd(host.home.path);
  try {
    await body(auditd);
  } finally {
    await auditd.stop();
    spawnSync("auditctl", ["-D", "-k", key], { stdio: "ignore" });
    restoreAuditState(host.found);
  }
}

describe("capture that auto selects", { skip }, () => {
  const host = hostPerTest();
  test("is whole next to auditd, whose log, status and rules stay its own", async () => {
    await withAuditd(host, async (auditd) => {
      await auditd.start();
      for (const rule of ownersRules) execFileSync("auditctl", rule, { stdio: "ignore" });
      const before = readAuditState();
      const daemon = await host.start(automatic(host));
      const state = await captureOf(daemon);
      assert.equal(state.backend, "ebpf");
      assert.equal(sight(state, "records"), "on");
      assert.notEqual(sight(state, "sockets"), "off");
      assert.deepEqual(
        state.problems.map(({ name }) => name).filter((name) => name !== "no_32_bit_calls"),
        [],
      );
      const shell = spawnSync("/bin/sh", ["-c", "for i in $(seq 300); do /bin/true; done; exit 0"]);
      const addresses = await runConnects(77, 20);
      sendMessages("beside", 20);
      await daemon.caughtUp();
      const executed = await daemon.query(
        `select pid from process_events where event_action = 'exec' and parent = ${shell.pid}
         order by pid`,
      );
      const stored = executed.map(({ pid }) => Number(pid));
      // One is seq(1).
      assert.equal(stored.length, 301);
      const logged = auditd.executions(shell.pid).toSorted((a, b) => a - b);
      assert.deepEqual(stored, logged);
      const connected = await daemon.query(
        `select remote_address from socket_events where action = 'connect'
         and remote_address like '127.77.%' order by eid`,
      );
      assert.deepEqual(
        connected.map((row) => row["remote_address"]),
        addresses,
      );
      assert.deepEqual(await daemon.query(messages("beside")), [{ "count(*)": 20, n: 20 }]);
      assert.equal(auditStatus("pid"), auditd.pid);
      assert.deepEqual(readAuditState(), before);
      await daemon.stop();
      assert.equal(auditStatus("pid"), auditd.pid);
      assert.deepEqual(readAuditState(), before);
    });
  });
});

describe("the stream that auto reads with eBPF", { skip }, () => {
  const host = hostPerTest();

  test("owns a stream that no process owns, without a rule, until it ends", async () => {
    const daemon = await host.start(automatic(host));
    const state = await captureOf(daemon);
    assert.deepEqual([state.backend, sight(state, "records")], ["ebpf", "on"]);
    assert.equal(auditStatus("pid"), daemon.pid);
    assert.deepEqual(readAuditState(), { ...host.found, enabled: 1 });
    sendMessages("alone", 20);
    await daemon.caughtUp();
    assert.deepEqual(await daemon.query(messages("alone")), [{ "count(*)": 20, n: 20 }]);
    await daemon.stop();
    assert.equal(auditStatus("pid"), 0);
    assert.deepEqual(readAuditState(), host.found);
  });

  test("leaves the stream to auditd, and takes it back, without a message lost or doubled", async () => {
    const daemon = await host.start(automatic(host));
    assert.equal(auditStatus("pid"), daemon.pid);
    await withAuditd(host, async (auditd) => {
      const sender = spawn("sh", [
        "-c",
        'i=0; while [ ! -e "$0" ]; do i=$((i+1)); auditctl -m "changed-$i-" >/dev/null; sleep 0.01; done; exit 0',
        join(auditd.folder, "enough"),
      ]);
      try {
        await auditd.start();
        await eventually(
          async () => readFileSync(auditd.logPath, "utf8").split("changed-").length,
          (count) => count > 20,
        );
        assert.equal(auditStatus("pid"), auditd.pid);
        await auditd.stop();
        const owner = async () => auditStatus("pid");
        assert.equal(await eventually(owner, (pid) => pid === daemon.pid), daemon.pid);
      } finally {
        writeFileSync(join(auditd.folder, "enough"), "");
        await once(sender, "exit");
      }
      await daemon.caughtUp();
      const [row] = await daemon.query(
        `select count(*) as count, count(distinct message) as n,
           max(cast(substr(message, instr(message, 'changed-') + 8) as integer)) as last
         from user_events where message like '%changed-%'`,
      );
      console.log("messages while the owner changed twice:", row);
      assert.equal(row?.["count"], row?.["n"]);
      assert.equal(row?.["count"], row?.["last"]);
      const given = `select sum(value) from auditql_health where metric = 'owner_given_up'`;
      assert.ok((await daemon.number(given)) >= 1);
      await daemon.stop();
    });
  });

  test("undoes what a killed daemon has left, also where it reads nothing of the stream", async () => {
    const killed = await host.start();
    await killed.kill();
    assert.notEqual(readAuditState().rules, host.found.rules);
    await host.start(automatic(host, "off"));
    assert.deepEqual(readAuditState(), host.found);
  });

  test("reads nothing of the stream where it is told so", async () => {
    const daemon = await host.start(automatic(host, "off"));
    const state = await captureOf(daemon);
    assert.deepEqual([state.backend, sight(state, "records")], ["ebpf", "off"]);
    assert.equal(auditStatus("pid"), 0);
    assert.deepEqual(readAuditState(), host.found);
  });
});
