import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../config/temporary_folder.js";
import { skip } from "../sql/pool_fixture.js";
import { runAuditql } from "./command_run.js";

const schedule = {
  ports: { query: "select pid, port from listening_ports", interval: 300 },
  users: { query: "select * from users", interval: "3600", snapshot: true },
  procs: { query: "select pid, cmdline from process_events", interval: 10 },
  mac: { query: "select * from launchd", interval: 10, platform: "darwin" },
};

test("config import says how each query and flag will work", { skip }, async (context) => {
  const folder = temporaryFolder(context);
  writeFileSync(join(folder, "osquery.conf"), JSON.stringify({ schedule }));
  writeFileSync(
    join(folder, "osquery.flags"),
    "--logger_plugin=filesystem\n--events_expiry=1\n--enable_bpf_events=true\n",
  );
  const run = await runAuditql(["config", "import", folder]);
  assert.equal(run.stderr, "");
  assert.equal(run.status, 0);
  for (const part of [
    "--events_expiry=1",
    "--enable_bpf_events has no effect",
    "queries: 3 run, 0 fail, 1 are for other hosts",
    "ports: every 300 s, what changed",
    "users: every 3600 s, all rows",
    "procs: every 10 s, each event of process_events once (by_event)",
    "mac: not for this host",
    "osqueryd.results.log",
    `start it with: auditql daemon --flagfile=${folder}/osquery.flags --config_path=${folder}/osquery.conf`,
  ]) {
    assert.ok(run.stdout.includes(part), `${part}\n---\n${run.stdout}`);
  }
});

test("a query that cannot run is named with the reason", { skip }, async (context) => {
  const folder = temporaryFolder(context);
  const broken = { query: "select * from no_such_table", interval: 10 };
  writeFileSync(join(folder, "osquery.conf"), JSON.stringify({ schedule: { broken } }));
  const run = await runAuditql(["config", "import", folder]);
  assert.notEqual(run.status, 0);
  assert.match(run.stdout, /broken: failed: no such table: no_such_table/);
});

test("views, constructed tables, discovery and decorators are prepared too", {
  skip,
}, async (context) => {
  const folder = temporaryFolder(context);
  const over = (table: string) => ({ query: `select * from ${table}`, interval: 10 });
  const config = {
    // A view may come before the one that it selects from.
    views: { second: "select * from first", first: "select 1 as x", broken: "select" },
    auto_table_construction: { mine: { query: "select a", path: "/none/%.db", columns: ["a"] } },
    decorators: { load: ["select 1"], always: ["select nope"] },
    schedule: { view: over("second"), table: over("mine") },
    packs: {
      elsewhere: { discovery: ["select * from registry"], queries: { keys: over("registry") } },
    },
  };
  writeFileSync(join(folder, "osquery.conf"), JSON.stringify(config));
  const run = await runAuditql(["config", "import", folder]);
  assert.equal(run.status, 0, run.stdout);
  for (const part of [
    "queries: 2 run, 0 fail, 1 are for other hosts",
    "view: every 10 s",
    "table: every 10 s",
    "pack_elsewhere_keys: not for this host: the discovery query of its pack failed: no such table: registry",
    "settings that differ or have no effect: 2",
    "warning: cannot use view broken of the configuration:",
    'warning: decorator "select nope" failed; no decoration added: no such column: nope',
  ]) {
    assert.ok(run.stdout.includes(part), `${part}\n---\n${run.stdout}`);
  }
});

test("a directory without a configuration is an error", async (context) => {
  const run = await runAuditql(["config", "import", temporaryFolder(context)]);
  assert.notEqual(run.status, 0);
  assert.match(run.stderr, /osquery\.conf/);
});
