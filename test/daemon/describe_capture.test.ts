import assert from "node:assert/strict";
import { test } from "node:test";
import { describeCapture } from "../../src/daemon/describe_capture.js";
import { readinessOf } from "../../src/daemon/readiness.js";
import { StoreRefusals } from "../../src/daemon/store_refusals.js";
import type { HealthRow } from "../../src/native/engine.js";
import { findProblems } from "../../src/serve/health_problems.js";
import { auditFacts, captureState, fullReport, unpublished } from "../serve/sample_capture.js";

const audit = (reason: string) => ({ backend: "audit", reason, remedy: "stop that process" });
const byOwner = {
  status: {
    backend: "proc-connector",
    unavailable: [audit("the audit stream is owned by pid 812 (auditd)")],
  },
  report: {
    processes: "limited",
    sockets: "off",
    files: "off",
    records: "off",
    problems: [{ name: "no_sockets", reason: "no sockets", remedy: "run auditql doctor" }],
  },
} as const;

const names = (state: ReturnType<typeof captureState>) => state.problems.map(({ name }) => name);
const sight = (state: ReturnType<typeof captureState>, table: string) =>
  state.tables.find(({ name }) => name === table)?.state;

test("capture that sees everything has no problem, and each event table a source", () => {
  const state = captureState();
  assert.deepEqual(state.problems, []);
  assert.equal(sight(state, "process_events"), "on");
  assert.equal(sight(state, "user_events"), "on");
  assert.equal(sight(state, "hardware_events"), "on");
  assert.deepEqual(readinessOf(state), { ready: true, reasons: [] });
});

test("a fall-back without sockets is an error with the better backend's reason and remedy", () => {
  const state = captureState(byOwner);
  const [problem] = state.problems;
  assert.equal(problem?.name, "no_sockets");
  assert.equal(problem?.severity, "error");
  assert.match(problem?.reason ?? "", /owned by pid 812 \(auditd\)/);
  assert.equal(problem?.remedy, "stop that process");
  assert.equal(sight(state, "socket_events"), "off");
  assert.equal(sight(state, "user_events"), "off");
  assert.equal(sight(state, "process_events"), "limited");
  const { ready, reasons } = readinessOf(state);
  assert.equal(ready, true);
  assert.match(reasons[0] ?? "", /812/);
});

test("the process connector by choice is told, too, as a warning with a setting to change", () => {
  const status = { backend: "proc-connector", unavailable: [] };
  const [problem] = captureState({ ...byOwner, wanted: "proc-connector", status }).problems;
  assert.equal(problem?.severity, "warning");
  assert.match(problem?.remedy ?? "", /auditql\.capture\.backend/);
});

test("capture that is off, wanted or not, is a problem, and only unwanted makes unready", () => {
  const off = captureState({ wanted: "none", status: { backend: null, unavailable: [] } });
  assert.deepEqual(names(off), ["capture_off"]);
  assert.equal(readinessOf(off).ready, true);
  const status = { backend: null, unavailable: [audit("not permitted")] };
  const failed = captureState({ status });
  assert.deepEqual(names(failed), ["no_backend"]);
  assert.match(failed.problems[0]?.reason ?? "", /audit: not permitted/);
  assert.equal(readinessOf(failed).ready, false);
  for (const state of [off, failed]) {
    assert.ok(state.sources.every((source) => source.state === "off" && source.reason !== null));
    assert.equal(sight(state, "process_lifetimes"), "off");
  }
});

test("a daemon that starts has no problem yet, and sees nothing", () => {
  const state = captureState({ status: null });
  assert.deepEqual(state.problems, []);
  assert.ok(state.sources.every((source) => source.state === "off"));
});

test("what the backend reports lacks is a problem with its own severity", () => {
  const lacks = (name: string) =>
    captureState({
      report: { ...fullReport, problems: [{ name, reason: "because", remedy: "do it" }] },
    });
  for (const name of ["owner_lost", "silent_processes", "status_unknown"]) {
    assert.equal(lacks(name).problems[0]?.severity, "warning");
    assert.equal(readinessOf(lacks(name)).ready, true);
  }
  for (const name of ["auditing_off", "rules_missing"]) {
    assert.equal(lacks(name).problems[0]?.severity, "error");
    assert.equal(readinessOf(lacks(name)).ready, false);
  }
});

test("what eBPF programs do not see explains what is limited, and not what is off", () => {
  const problem = { name: "no_32_bit_calls", reason: "no tracepoints", remedy: "use audit" };
  const report = {
    processes: "limited",
    sockets: "limited",
    files: "off",
    records: "off",
    problems: [problem],
  } as const;
  const status = { backend: "ebpf", unavailable: [] };
  const state = captureState({ wanted: "ebpf", status, report });
  assert.equal(state.problems[0]?.severity, "warning");
  assert.equal(readinessOf(state).ready, true);
  const reasonOf = (table: string) => state.tables.find(({ name }) => name === table)?.reason;
  assert.equal(reasonOf("socket_events"), "no tracepoints");
  assert.equal(reasonOf("user_events"), "ebpf does not report them");
});

test("what the audit stream lacks next to eBPF is a warning, and not of processes", () => {
  const report = {
    processes: "limited",
    sockets: "limited",
    files: "off",
    records: "off",
    problems: [
      { name: "no_32_bit_calls", reason: "no tracepoints", remedy: "use audit" },
      { name: "auditing_off", reason: "auditing is disabled", remedy: "auditctl -e 1" },
    ],
  } as const;
  const state = captureState({ status: { backend: "ebpf", unavailable: [] }, report });
  assert.deepEqual(
    state.problems.map(({ severity }) => severity),
    ["warning", "warning"],
  );
  const reasonOf = (table: string) => state.tables.find(({ name }) => name === table)?.reason;
  assert.equal(reasonOf("socket_events"), "no tracepoints");
  assert.equal(reasonOf("user_events"), "auditing is disabled");
  assert.equal(readinessOf(state).ready, true);
});

test("tables of other sources say whether they are on, off or failed, and how to turn them on", () => {
  const off = captureState({ publish: { ...unpublished, devices: null } });
  for (const [table, way] of [
    ["file_events", "enable_file_events"],
    ["yara_events", "enable_file_events"],
    ["syslog_events", "enable_syslog"],
    ["hardware_events", "disable_subscribers"],
    ["process_file_events", "audit_allow_fim_events"],
  ]) {
    const found = off.tables.find(({ name }) => name === table);
    assert.equal(found?.state, "off", table);
    assert.match(found?.reason ?? "", new RegExp(way ?? ""));
  }
  const syslog = { pipePath: "/x", maxLinesPerTurn: 0 };
  const failed = captureState({
    publish: { ...unpublished, syslog },
    sourceProblems: [{ table: "syslog_events", message: "create the pipe /x: read-only" }],
  });
  assert.deepEqual(names(failed), ["source_failed"]);
  assert.equal(sight(failed, "syslog_events"), "off");
  assert.match(failed.problems[0]?.reason ?? "", /^syslog_events: create the pipe/);
});

test("what stays as it was keeps the time since when it is so", () => {
  const before = describeCapture({ ...auditFacts, ...byOwner }, null);
  const now = "2026-01-02T09:09:09.000Z";
  const same = describeCapture({ ...auditFacts, ...byOwner, now }, before);
  assert.equal(same.since, before.since);
  assert.equal(same.problems[0]?.since, before.since);
  assert.ok(same.sources.every(({ since }) => since === before.since));
  const changed = describeCapture({ ...auditFacts, now }, before);
  assert.equal(changed.since, now);
  assert.equal(changed.sources.find(({ name }) => name === "sockets")?.since, now);
});

test("a store that refuses rows makes the daemon unready until it has taken them for a while", () => {
  const refusals = new StoreRefusals();
  const rows = (value: number, reason = "disk_full"): HealthRow[] => [
    { stage: "store", name: "socket_events", metric: "refused", reason, value },
  ];
  assert.equal(refusals.look(rows(0), 0), null);
  const refusal = refusals.look(rows(7), 1000);
  assert.match(refusal ?? "", /socket_events 7 \(disk_full\)/);
  assert.ok(refusals.look(rows(7), 30_000) !== null);
  assert.equal(refusals.look(rows(7), 70_000), null);
  assert.equal(new StoreRefusals().look(rows(7, "too_big"), 0), null);
  assert.equal(readinessOf(captureState({ refusal })).ready, false);
});

test("each problem of capture has a title of its own in the health answer", () => {
  const counters: readonly HealthRow[] = [];
  const problems = findProblems({ capture: captureState(byOwner), counters, schedule: [] });
  assert.equal(problems[0]?.title, "socket and file events are not captured");
  assert.match(problems[0]?.explanation ?? "", /812/);
});
