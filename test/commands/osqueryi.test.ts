import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { osqueryVersion } from "../../src/version.js";
import { startTestServer } from "../serve/running_server.js";
import { skip } from "../sql/pool_fixture.js";
import { runAuditql } from "./command_run.js";

async function runShell(t: TestContext, args: readonly string[], input = "") {
  const { socketPath } = await startTestServer(t);
  return runAuditql(["shell", "--socket", socketPath, ...args], input);
}

test("without a daemon the tables about the program have rows", { skip }, async () => {
  const sql = `select version, config_valid, watcher,
    (select count(*) > 100 from osquery_flags) as flags,
    (select active from osquery_registry where registry = 'table' and name = 'users') as users
    from osquery_info where pid > 0 and start_time > 0`;
  const run = await runAuditql(["query", "--standalone", "-f", "json", sql]);
  assert.deepEqual(JSON.parse(run.stdout), [
    { version: osqueryVersion, config_valid: 0, watcher: -1, flags: 1, users: 1 },
  ]);
});

test(".types tells what tables declare, and of expressions what the first row has", async (t) => {
  const run = await runShell(t, [
    "--csv",
    ".types select pid, eid, pid as pid, count(*), 1.5, null as n, x'00' as b from process_events;",
    "select 3 as newest",
    ".types",
    ".types select nope",
  ]);
  assert.equal(run.status, 1);
  assert.deepEqual(run.stdout.split("\n"), [
    "name,type",
    "pid,BIGINT",
    "eid,TEXT",
    "pid,BIGINT",
    "count(*),INTEGER",
    "1.5,DOUBLE",
    "n,UNKNOWN",
    "b,BLOB",
    "newest",
    "3",
    "name,type",
    "newest,INTEGER",
    "",
  ]);
  assert.match(run.stderr, /^Error: sql_error: no such column: nope\n$/);
});

test("statements and commands of the arguments are run, and nothing else is", async (t) => {
  const args = ["--list", "--header=false", "select 1, 2", ".print three"];
  const run = await runShell(t, args, "select 'of standard input';");
  assert.deepEqual(run, { status: 0, stdout: "1|2\nthree\n", stderr: "" });
  assert.match((await runShell(t, ["--csv", "-A", "os_version"])).stdout, /^name,version,/);
  const failed = await runShell(t, ["selec", "--json", "--query", "select 5 as a"]);
  assert.equal(failed.status, 1);
  assert.equal(failed.stdout, '[\n  {"a":5}\n]\n');
});

test("-L, --query_file, --output and --connect are taken as osqueryi takes them", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "auditql-osqueryi-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const [queries, rows] = [join(folder, "queries.sql"), join(folder, "rows.csv")];
  writeFileSync(queries, "select 1 as a;\nselect 2 as b");
  const { socketPath } = await startTestServer(t);
  const shell = (...args: string[]) => runAuditql(["shell", "--connect", socketPath, ...args]);
  assert.match((await shell("-L")).stdout, /^ {2}=> acpi_tables\n/);
  const written = await shell("--csv", "--output", rows, "--query_file", queries);
  assert.deepEqual(written, { status: 0, stdout: "", stderr: "" });
  assert.equal(readFileSync(rows, "utf8"), "a\n1\nb\n2\n");
  assert.equal((await shell("--output", folder, "select 1")).status, 74);
  assert.equal((await shell("--pack", "nope")).status, 1);
});

test("two formats are one too many", async (t) => {
  const run = await runShell(t, ["--json", "-f", "csv", "select 1"]);
  assert.equal(run.status, 2);
  assert.match(run.stderr, /Expected one format, got csv and json\./);
});

test(".disconnect goes back to where the shell began", async (t) => {
  const [first, second] = [await startTestServer(t), await startTestServer(t)];
  const input = `.connect ${second.socketPath}\n.socket\n.disconnect\n.disconnect\n`;
  const run = await runAuditql(["shell", "--socket", first.socketPath], input);
  const [one, two] = [first, second].map(({ socketPath }) => `Connected to ${socketPath}\n`);
  assert.equal(run.stdout, `${two}${two}${one}`);
  assert.match(run.stderr, /^Error: usage: Cannot disconnect: .*\n$/);
});

test("columns with one name are told of, where but the last can be shown", async (t) => {
  const run = await runShell(t, ["--list", "select 1 as a, 2 as b, 3 as a"]);
  assert.equal(run.stdout, "a|b\n3|2\n");
  assert.match(run.stderr, /^Duplicate column name a: only the last is shown/);
  assert.equal(run.status, 0);
});
