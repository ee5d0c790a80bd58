import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { HealthRow } from "../../src/native/engine.js";
import { prometheusText } from "../../src/serve/prometheus_text.js";
import { PoolFixture } from "../sql/pool_fixture.js";
import { execRecords } from "./exec_records.js";
import { readExposition } from "./exposition.js";
import { startTestServer } from "./running_server.js";
import { captureState, fullReport } from "./sample_capture.js";

let shared: PoolFixture | null = null;
after(() => shared?.close());

const textOf = (rows: readonly HealthRow[], facts = {}) =>
  prometheusText({ rows, version: "1", capture: captureState(facts) });

const row = (stage: string, metric: string, value: number, reason = ""): HealthRow => ({
  stage,
  name: "process_events",
  metric,
  reason,
  value,
});

test("every counter of a working engine is valid Prometheus text", async (t) => {
  shared ??= new PoolFixture();
  const { engine } = shared;
  engine.feedLog(execRecords("/metrics/one").bytes);
  engine.finishLog();
  const server = await startTestServer(t, { health: () => engine.health() });
  const before = engine.health().length;
  const answer = await server.get("/metrics");
  assert.match(answer.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
  const samples = readExposition(await answer.text());
  assert.ok(samples.length >= before);
  assert.ok(samples.some(({ name, value }) => name === "auditql_store_stored_total" && value > 0));
});

test("the same word is a level in one stage and a sum in another", () => {
  const text = textOf([
    row("store", "rows", 5),
    row("schedule", "rows", 7),
    row("store", "bytes", 1),
    row("log", "bytes", 2),
    row("capture", "kernel_lost_total", 3),
    row("capture", "is_owner", 1),
    row("log", "queue_bytes", 4),
    row("decode", "lag_ms", 1500),
  ]);
  const values = readExposition(text).map(({ name, value }) => [name, value]);
  assert.deepEqual(values.slice(0, 8), [
    ["auditql_store_rows", 5],
    ["auditql_schedule_rows_total", 7],
    ["auditql_store_bytes", 1],
    ["auditql_log_bytes_total", 2],
    ["auditql_capture_kernel_lost_total", 3],
    ["auditql_capture_is_owner", 1],
    ["auditql_log_queue_bytes", 4],
    ["auditql_decode_lag_seconds", 1.5],
  ]);
});

test("samples of a family stand together, with escaped labels", () => {
  const text = textOf([
    row("store", "dropped", 2, "expired"),
    row("store", "stored", 7),
    { ...row("store", "dropped", 1, 'a"b\\c\nd'), name: "user_events" },
  ]);
  const dropped = readExposition(text).filter(({ name }) => name === "auditql_store_dropped_total");
  assert.deepEqual(
    dropped.map(({ labels }) => labels),
    [
      { name: "process_events", reason: "expired" },
      { name: "user_events", reason: 'a"b\\c\nd' },
    ],
  );
});

test("capture has one gauge that alerts, and one sample for each state of each source", () => {
  const gauges = (facts: Parameters<typeof captureState>[0]) =>
    readExposition(textOf([], facts)).filter(({ name }) => name.startsWith("auditql_capture_"));
  const active = (facts: Parameters<typeof captureState>[0]) =>
    gauges(facts).find(({ name }) => name === "auditql_capture_active");
  assert.equal(active({})?.value, 1);
  assert.equal(active({})?.labels["backend"], "audit");
  for (const wanted of ["none", "auto"] as const) {
    const off = { wanted, status: { backend: null, unavailable: [] } };
    assert.equal(active(off)?.value, 0);
    const states = gauges(off).filter(({ name }) => name === "auditql_capture_state");
    assert.deepEqual(
      [...new Set(states.map(({ labels }) => labels["source"]))],
      ["processes", "sockets", "files", "records"],
    );
    for (const { labels, value } of states) {
      assert.equal(value, labels["state"] === "off" ? 1 : 0);
    }
  }
  const connector = {
    status: { backend: "proc-connector", unavailable: [] },
    report: { ...fullReport, processes: "limited", sockets: "off", records: "off" },
  } as const;
  const sockets = gauges(connector).filter(({ labels }) => labels["source"] === "sockets");
  assert.deepEqual(
    sockets.map(({ labels, value }) => [labels["state"], value]),
    [
      ["on", 0],
      ["limited", 0],
      ["off", 1],
    ],
  );
});
