import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { HealthRow } from "../../src/native/engine.js";
import { prometheusText } from "../../src/serve/prometheus_text.js";
import { PoolFixture } from "../sql/pool_fixture.js";
import { execRecords } from "./exec_records.js";
import { readExposition } from "./exposition.js";
import { startTestServer } from "./running_server.js";

let shared: PoolFixture | null = null;
after(() => shared?.close());

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
  const text = prometheusText(
    [
      row("store", "rows", 5),
      row("schedule", "rows", 7),
      row("store", "bytes", 1),
      row("log", "bytes", 2),
      row("capture", "kernel_lost_total", 3),
      row("capture", "is_owner", 1),
      row("log", "queue_bytes", 4),
      row("decode", "lag_ms", 1500),
    ],
    "1",
  );
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
  const text = prometheusText(
    [
      row("store", "dropped", 2, "expired"),
      row("store", "stored", 7),
      { ...row("store", "dropped", 1, 'a"b\\c\nd'), name: "user_events" },
    ],
    "1",
  );
  const dropped = readExposition(text).filter(({ name }) => name === "auditql_store_dropped_total");
  assert.deepEqual(
    dropped.map(({ labels }) => labels),
    [
      { name: "process_events", reason: "expired" },
      { name: "user_events", reason: 'a"b\\c\nd' },
    ],
  );
});
