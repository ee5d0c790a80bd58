import assert from "node:assert/strict";
import { test } from "node:test";
import { DaemonHome, DaemonProcess } from "../live/daemon_process.js";
import { startTestServer } from "../serve/running_server.js";
import { runAuditql } from "./command_run.js";

test("doctor names each check, its state, and a remedy for what is not ok", async () => {
  const run = await runAuditql(["doctor", "--format", "json", "--socket", "/nonexistent"]);
  const checks: readonly Record<string, string>[] = JSON.parse(run.stdout);
  const names = checks.map((check) => check["name"]);
  for (const name of [
    "node",
    "addon",
    "sqlite",
    "config",
    "state_directory",
    "audit_boot",
    "cap_bpf",
    "ebpf_kernel",
    "ebpf_btf",
    "ebpf_libbpf",
    "backend",
    "daemon",
  ]) {
    assert.ok(names.includes(name), name);
  }
  for (const { state, remedy, name } of checks) {
    assert.equal(remedy === "", state === "ok", name);
  }
  const isMissing = checks.some((check) => check["state"] === "missing");
  assert.equal(run.status, isMissing ? 1 : 0);
});

test("a missing daemon is no fault, and the text says how to start it", async () => {
  const run = await runAuditql(["doctor", "--socket", "/nonexistent"]);
  assert.match(
    run.stdout,
    /^limited +daemon +no daemon answers on \/nonexistent\n +→ Start it with: auditql daemon$/m,
  );
});

test("a running daemon is told with its address", async (t) => {
  const { socketPath } = await startTestServer(t);
  const run = await runAuditql(["doctor", "--socket", socketPath]);
  assert.match(run.stdout, /^ok +daemon +version .*, on .*auditql\.sock$/m);
});

test("a broken configuration is missing, and the status 1", async () => {
  const run = await runAuditql([
    "doctor",
    "--config_path",
    "/nonexistent",
    "--socket",
    "/nonexistent",
  ]);
  assert.equal(run.status, 1);
  assert.match(run.stdout, /^missing +config /m);
});

test("config check tells problems by file and exits 78 when it cannot be used", async () => {
  const run = await runAuditql(["config", "check", "--config_path=/nonexistent.conf"]);
  assert.equal(run.status, 78);
  assert.match(run.stderr, /nonexistent\.conf/);
});

test("config check takes no operand", async () => {
  const run = await runAuditql(["config", "check", "/etc/osquery/osquery.conf"]);
  assert.equal(run.status, 2);
  assert.match(run.stderr, /--config_path=FILE/);
});

test("doctor says what a running daemon does not see, and what to do about it", async (t) => {
  const home = new DaemonHome();
  const auditql = {
    state_path: home.statePath,
    http: { port: 0 },
    capture: { backend: "none" },
    log: {},
  };
  const daemon = await DaemonProcess.start(home, { config: { auditql } });
  t.after(async () => {
    await daemon.stop();
    home.remove();
  });
  const run = await runAuditql(["doctor", "--format", "json", "--socket", home.socketPath]);
  const checks: readonly Record<string, string>[] = JSON.parse(run.stdout);
  const check = (name: string) => checks.find((each) => each["name"] === name);
  assert.match(check("capture")?.["detail"] ?? "", /^backend none: processes off, sockets off/);
  assert.equal(check("capture_capture_off")?.["state"], "limited");
  assert.match(check("capture_capture_off")?.["remedy"] ?? "", /auditql\.capture\.backend/);
});
