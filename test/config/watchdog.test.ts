import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Watchdog } from "../../src/config/config.js";
import { requireConfig } from "../../src/config/load_config.js";
import { temporaryFolder } from "./temporary_folder.js";

function watchdog(
  context: TestContext,
  name: string,
  flags: readonly string[] = [],
): Watchdog | null {
  const path = join(temporaryFolder(context), name);
  writeFileSync(path, "{}");
  return requireConfig({ args: [`--config_path=${path}`, ...flags] }).config.schedule.watchdog;
}

const mebibyte = 1024 * 1024;

test("a configuration of osquery has osquery's watchdog", (context) => {
  assert.deepEqual(watchdog(context, "osquery.conf"), {
    memoryBytes: 200 * mebibyte,
    cpu: { maxShare: 0.1, sustainedMs: 12_000 },
    delayMs: 60_000,
  });
  assert.deepEqual(watchdog(context, "osquery.conf", ["--watchdog_level=1"]), {
    memoryBytes: 100 * mebibyte,
    cpu: { maxShare: 0.05, sustainedMs: 6000 },
    delayMs: 60_000,
  });
});

test("limits that are given take the place of the level's", (context) => {
  const flags = [
    "--watchdog_memory_limit=350",
    "--watchdog_utilization_limit=130",
    "--watchdog_latency_limit=30",
    "--watchdog_delay=0",
  ];
  assert.deepEqual(watchdog(context, "osquery.conf", flags), {
    memoryBytes: 350 * mebibyte,
    cpu: { maxShare: 1.3, sustainedMs: 30_000 },
    delayMs: 0,
  });
});

test("disable_watchdog turns it off, and auditql's own files have none unless asked", (context) => {
  assert.equal(watchdog(context, "osquery.conf", ["--disable_watchdog"]), null);
  assert.equal(watchdog(context, "auditql.conf"), null);
  const asked = watchdog(context, "auditql.conf", ["--watchdog_level=0"]);
  assert.equal(asked?.memoryBytes, 200 * mebibyte);
});
