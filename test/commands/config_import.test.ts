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
  assert.match(run.stdout, /broken: fails: no such table: no_such_table/);
});

test("a directory without a configuration is an error", async (context) => {
  const run = await runAuditql(["config", "import", temporaryFolder(context)]);
  assert.notEqual(run.status, 0);
  assert.match(run.stderr, /osquery\.conf/);
});
