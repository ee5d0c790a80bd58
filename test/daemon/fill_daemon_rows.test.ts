import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { requireConfig } from "../../src/config/load_config.js";
import { fillDaemonRows } from "../../src/daemon/fill_daemon_rows.js";
import { temporaryFolder } from "../config/temporary_folder.js";
import { captureState } from "../serve/sample_capture.js";

function factsOf(
  context: TestContext,
  options: Readonly<Record<string, unknown>> = {},
  active: boolean | null = false,
) {
  const path = join(temporaryFolder(context), "osquery.conf");
  writeFileSync(path, JSON.stringify({ options }));
  const { config } = requireConfig({ args: [`--config_path=${path}`] });
  return fillDaemonRows({
    config,
    capture: captureState({ publish: config.publish }),
    engine: { bounds: () => ({ firstEid: 1, nextEid: 11 }) },
    schedule: [],
    version: "1.2.3",
    startTime: 7,
    identity: { uuid: "u", instanceId: "i" },
    packs: [
      {
        name: "main",
        platform: null,
        version: "5.0.0",
        shard: 10,
        active,
        executions: 3,
        cacheHits: 2,
      },
    ],
    isConfigValid: false,
  });
}

test("osquery_info has the identity of the host, and whether the files can be used", (context) => {
  const [info] = factsOf(context).osquery_info ?? [];
  assert.equal(info?.uuid, "u");
  assert.equal(info?.instance_id, "i");
  assert.equal(info?.config_valid, 0);
});

test("osquery_info has the version of osquery that is matched, and beside it auditql's own", (context) => {
  const [info] = factsOf(context).osquery_info ?? [];
  assert.equal(info?.version, "5.23.1");
  assert.equal(info?.auditql_version, "1.2.3");
});

test("a pack whose discovery has not answered yet is neither active nor inactive", (context) => {
  const [info] = factsOf(context, {}, null).osquery_packs ?? [];
  assert.equal(info?.active, null);
});

test("osquery_packs has the figures of discovery", (context) => {
  assert.deepEqual(factsOf(context).osquery_packs, [
    {
      name: "main",
      platform: "",
      version: "5.0.0",
      shard: 10,
      active: 0,
      discovery_executions: 3,
      discovery_cache_hits: 2,
    },
  ]);
});

test("osquery_registry has the tables, where events come from, and the loggers", (context) => {
  const rows = factsOf(context).osquery_registry ?? [];
  const active = (registry: string, name: string) =>
    rows.find((row) => row.registry === registry && row.name === name)?.active;
  assert.equal(active("table", "processes"), 1);
  assert.equal(active("event_subscriber", "process_events"), 1);
  assert.equal(active("event_publisher", "auditeventpublisher"), 1);
  assert.equal(active("event_publisher", "inotify"), 0);
  assert.equal(active("logger", "filesystem"), 1);
  assert.equal(active("table", "no_table"), undefined);
});

test("osquery_events has publishers with the sums of their tables", (context) => {
  const rows = factsOf(context, { enable_file_events: true }).osquery_events ?? [];
  const publisher = (name: string) => rows.find((row) => row.name === name);
  const subscribers = rows.filter((row) => row.type === "subscriber");
  assert.deepEqual(publisher("inotify"), {
    name: "inotify",
    publisher: "inotify",
    type: "publisher",
    subscriptions: 2,
    events: 20,
    refreshes: 0,
    active: 1,
    state: null,
    reason: null,
  });
  assert.equal(publisher("syslog")?.active, 0);
  const ofAudit = subscribers.filter((row) => row.publisher === "auditeventpublisher");
  assert.equal(publisher("auditeventpublisher")?.subscriptions, ofAudit.length);
  assert.equal(subscribers.find((row) => row.name === "process_events")?.events, 10);
});
