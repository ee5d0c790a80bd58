import assert from "node:assert/strict";
import { test } from "node:test";
import { limitsOfTable } from "../../src/config/config.js";
import { splitRestartOnly } from "../../src/daemon/split_restart_only.js";
import { loadGood } from "../config/loaded_config.js";

const megabyte = 2 ** 20;
const disk = '{"auditql": {"events_max_bytes": 300000000}}';
const memory = JSON.stringify({
  auditql: { store: "memory", store_max_bytes: 64 * megabyte, events_max_bytes: 200 * megabyte },
});

function load(context: Parameters<typeof loadGood>[0], text: string) {
  return loadGood(context, { "auditql.conf": text }).config;
}

test("tables on disk keep bounds of the disk while memory waits for the next start", (context) => {
  const { config, pending } = splitRestartOnly(load(context, disk), load(context, memory));
  assert.equal(limitsOfTable(config, "process_events").maxBytes, 200 * megabyte);
  assert.deepEqual(
    pending.filter((name) => name.startsWith("auditql.store")),
    ["auditql.store", "auditql.store_max_bytes"],
  );
});

test("tables in memory stay within it while the disk waits for the next start", (context) => {
  const { config } = splitRestartOnly(load(context, memory), load(context, disk));
  assert.equal(limitsOfTable(config, "process_events").maxBytes, 16 * megabyte);
});

test("a configuration that changes nothing of what the start reads leaves nothing to wait for", (context) => {
  const opened = load(context, disk);
  const changed = { ...opened, refreshSeconds: 7 };
  assert.deepEqual(splitRestartOnly(opened, changed), { config: changed, pending: [] });
});
