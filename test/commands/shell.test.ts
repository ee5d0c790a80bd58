import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { allCommands } from "../../src/commands/all.js";
import { runCommandLine } from "../../src/commands/run_command_line.js";
import { startTestServer } from "../serve/running_server.js";
import { runAuditql } from "./command_run.js";

async function runShell(t: TestContext, input: string, args: readonly string[] = []) {
  const { socketPath } = await startTestServer(t);
  return runAuditql(["shell", "--socket", socketPath, ...args], input);
}

test("piped statements are run, over lines and without the last semicolon", async (t) => {
  const run = await runShell(t, "select 1\n as a;select ';' as b\n", ["-f", "list"]);
  assert.deepEqual(run, { status: 0, stdout: "a\n1\nb\n;\n", stderr: "" });
});

test("an error does not end piped input, but makes the status 1", async (t) => {
  const run = await runShell(t, "selec;\nselect 2 as a;\n", ["-f", "list"]);
  assert.equal(run.status, 1);
  assert.equal(run.stdout, "a\n2\n");
  assert.match(run.stderr, /^Error: sql_error: /);
});

test(".bail ends at the first error", async (t) => {
  const run = await runShell(t, ".bail on\nselec;\nselect 2 as a;\n");
  assert.equal(run.status, 1);
  assert.equal(run.stdout, "");
});

test(".mode, .headers, .separator and .nullvalue change the output", async (t) => {
  const input = `.mode list
.headers off
.separator "\\t"
.nullvalue NULL
select 1, null;
.mode csv
select 'a"b';
.mode line
select 1 as a;
`;
  const run = await runShell(t, input);
  assert.equal(run.stdout, '1\tNULL\n"a""b"\na = 1\n');
});

test(".width sets the first columns of aligned formats, and what is wider is wrapped", async (t) => {
  const input = ".mode column\n.width 3 0\nselect 'abcde' as a, 'long' as b, 'c' as c;\n.width x\n";
  const run = await runShell(t, input);
  assert.equal(run.stdout, "a    b     c\n---  ----  -\nabc  long  c\nde\n");
  assert.match(run.stderr, /usage: Usage: \.width/);
});

test("a switch alone tells which it is; exit is a command, and a backslash none", async (t) => {
  const run = await runShell(t, ".headers\n.timer ON\n.timer\n\\dt\nEXIT;\nselect 1;\n");
  assert.equal(run.stdout, ".headers is on\n.timer is on\n");
  assert.match(run.stderr, /^Error: usage: Shell commands start with a dot\. See \.help\.\n$/);
});

test(".tables lists by the beginning of a name or by a pattern", async (t) => {
  const run = await runShell(t, ".tables proc\n.tables %_events\n");
  assert.match(run.stdout, /^ {2}=> process_e/);
  assert.match(run.stdout, /=> processes\n/);
  assert.match(run.stdout, /=> socket_events\n/);
  assert.doesNotMatch(run.stdout, /auditql_health/);
});

test(".schema shows a CREATE TABLE that marks hidden columns, .describe the meaning", async (t) => {
  const run = await runShell(
    t,
    ".schema auditql_health\n.schema process_events\n.describe auditql_health\n",
  );
  assert.match(run.stdout, /^CREATE TABLE auditql_health\(\n {2}`stage` TEXT,\n {2}`name` TEXT/);
  assert.match(run.stdout, /`eid` TEXT HIDDEN/);
  assert.match(run.stdout, /Every counter of auditql/);
});

test(".exit leaves with its status and runs nothing more", async (t) => {
  const run = await runShell(t, ".exit 7\nselect 1;\n");
  assert.deepEqual(run, { status: 7, stdout: "", stderr: "" });
});

test("names of meta commands can be shortened while they are clear", async (t) => {
  const run = await runShell(t, ".mod list\n.ti on\n.sch auditql_health\n");
  assert.match(run.stdout, /^CREATE TABLE auditql_health/);
  assert.match(run.stderr, /Unknown command \.ti\. It may be \.timeout or \.timer\./);
});

test(".timer tells the time, .echo the statement, .show every setting", async (t) => {
  const run = await runShell(t, ".echo on\n.timer on\nselect 1 as a;\n.show\n", ["-f", "list"]);
  assert.match(
    run.stdout,
    /^select 1 as a;\na\n1\nRun Time: real \d+\.\d{3} query \d+\.\d{3} rows 1\n/m,
  );
  assert.match(run.stdout, /timer: on/);
  assert.match(run.stdout, /mode: list/);
});

test("an unknown table is answered with the nearest one", async (t) => {
  const run = await runShell(t, ".all proces_events\nselect * from sockt_events;\n");
  assert.match(
    run.stderr,
    /table_missing: No such table: proces_events\. Did you mean "process_events"\?/,
  );
  assert.match(run.stderr, /no such table: sockt_events\. Did you mean "socket_events"\?/);
});

test(".connect to where no daemon is keeps the present connection", async (t) => {
  const run = await runShell(t, ".mode list\n.connect /nonexistent\nselect 5 as a;\n");
  assert.equal(run.stdout, "a\n5\n");
  assert.match(run.stderr, /daemon_unreachable/);
});

test(".help lists every command", async (t) => {
  const run = await runShell(t, ".help\n");
  for (const name of ["all", "connect", "exit", "mode", "tables", "watch"]) {
    assert.match(run.stdout, new RegExp(`^\\.${name} `, "m"));
  }
});

test("without a daemon the shell says so at once and exits 69", async () => {
  const run = await runAuditql(["shell", "--socket", "/nonexistent"], "select 1;\n");
  assert.equal(run.status, 69);
});

/** A shell on streams that claim to be a terminal. */
function startTyping(socketPath: string, historyPath: string) {
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  const stdout = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
  let shown = "";
  stdout.on("data", (chunk) => {
    shown += chunk;
  });
  const stderr = new PassThrough();
  stderr.on("data", (chunk) => {
    shown += chunk;
  });
  const env = { AUDITQL_HISTORY: historyPath };
  const io = { stdin, stdout, stderr, env, version: "1" };
  const status = runCommandLine(["shell", "--socket", socketPath], allCommands, io);
  return {
    status,
    type: (text: string) => stdin.write(text),
    async see(text: string) {
      while (!shown.includes(text)) await sleep(5);
      shown = shown.slice(shown.indexOf(text) + text.length);
    },
  };
}

test("Ctrl-C cancels a query and drops a begun line, and the shell lives on", async (t) => {
  const server = await startTestServer(t);
  const directory = mkdtempSync(join(tmpdir(), "auditql-history-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const shell = startTyping(server.socketPath, join(directory, "history"));
  await shell.see("auditql> ");
  shell.type("with recursive n(i) as (select 1 union all select i + 1 from n)\n");
  await shell.see("...> ");
  shell.type("select i from n;\n");
  shell.type(".mode list\n");
  const running = () => server.context.runner.running().map(({ request }) => request.sql);
  while (!running().some((sql) => sql.startsWith("with recursive"))) await sleep(5);
  shell.type("\x03");
  await shell.see("query_cancelled");
  while (server.context.runner.running().length > 0) await sleep(5);
  // One prompt after the query, one after the line that was typed meanwhile: until then Ctrl-C is
  // for what runs.
  for (let prompts = 0; prompts < 2; prompts += 1) await shell.see("auditql> ");
  shell.type("select wrong");
  shell.type("\x03");
  await shell.see("^C");
  shell.type("select 40 + 2 as answer;\n");
  await shell.see("answer\n42\n");
  shell.type("\x04");
  assert.equal(await shell.status, 0);
});

test("the history is kept in a file of mode 0600 and offered to the next session", async (t) => {
  const { socketPath } = await startTestServer(t);
  const directory = mkdtempSync(join(tmpdir(), "auditql-history-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, "history");
  const first = startTyping(socketPath, path);
  await first.see("auditql> ");
  first.type(".mode list\nselect 'kept' as a;\n.quit\n");
  await first.status;
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(readFileSync(path, "utf8"), ".mode list\nselect 'kept' as a;\n.quit\n");
  const second = startTyping(socketPath, path);
  await second.see("auditql> ");
  second.type("\x1b[A\x1b[A\n");
  await second.see("kept");
  second.type("\x04");
  await second.status;
});

test(".once, .output and .export write to files, .read runs one", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "auditql-output-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = (name: string) => join(folder, name);
  writeFileSync(path("in.sql"), ".mode csv\nselect 3 as c");
  const input = `.mode list
.once ${path("once")}
select 1 as a;
.output ${path("output")}
select 2 as b;
.output
.read ${path("in.sql")}
.export ${path("rows.json")}
.export ${path("tabs")} tsv select 'x' as x, 4 as d;
select 5 as e;
`;
  const run = await runShell(t, input);
  assert.equal(run.stderr, "");
  assert.equal(
    run.stdout,
    `c\n3\n1 row written to ${path("rows.json")}\n1 row written to ${path("tabs")}\ne\n5\n`,
  );
  const text = (name: string) => readFileSync(path(name), "utf8");
  assert.equal(text("once"), "a\n1\n");
  assert.equal(text("output"), "b\n2\n");
  assert.deepEqual(JSON.parse(text("rows.json")), [{ c: 3 }]);
  assert.equal(text("tabs"), "x\td\nx\t4\n");
  assert.equal(statSync(path("tabs")).mode & 0o777, 0o600);
});

test("what .export and .read cannot do is an error that names the file", async (t) => {
  const run = await runShell(
    t,
    ".export /nonexistent/x.csv select 1;\n.read /nonexistent.sql\n.export x.csv\n.export x.csv xml\n",
  );
  assert.match(run.stderr, /file_unwritable: \/nonexistent\/x\.csv: no such file/);
  assert.match(run.stderr, /file_unreadable: \/nonexistent\.sql/);
  assert.match(run.stderr, /usage: Usage: \.export FILE \[FORMAT\] \[SQL\]/);
  assert.match(run.stderr, /usage: Unknown format xml\. Use one of table, /);
});

test(".explain draws the plan of a statement, .help tells of one command", async (t) => {
  const run = await runShell(t, ".explain select * from users where uid = 0;\n.help .tail\n");
  assert.match(run.stdout, /^QUERY PLAN\n`--SCAN users VIRTUAL TABLE/);
  assert.match(run.stdout, /^\.tail TABLE \[where …\]\|SELECT\n/m);
  assert.match(run.stdout, /^ {4}\.tail process_events where/m);
});

test(".tail takes one event table, and nothing else", async (t) => {
  const run = await runShell(t, ".tail users\n.tail nope\n.tail\n.tail users uid = 0\n");
  const errors = run.stderr.trim().split("\n");
  assert.match(errors[0] ?? "", /tail_refused: The statement reads no event table\./);
  assert.match(errors[1] ?? "", /table_missing: No such table: nope\./);
  assert.match(errors[2] ?? "", /usage: Usage: \.tail TABLE/);
  assert.match(errors[3] ?? "", /usage: Usage: \.tail TABLE/);
});

test(".tables, .schema and .mode say what does not exist, and a schema has a column a line", async (t) => {
  const run = await runShell(
    t,
    ".schema proceses\n.tables nosuch\n.tables no%such\n.mode foo\n.schema uptime\n",
  );
  assert.match(
    run.stderr,
    /usage: No table matches nosuch\.\n.*usage: No table matches no%such\.\n/,
  );
  assert.match(run.stderr, /usage: No table matches proceses\. Did you mean "processes"\?/);
  assert.match(run.stderr, /usage: Unknown format foo\..* Formats: table, .*ndjson/);
  assert.match(run.stdout, /^CREATE TABLE uptime\(\n {2}`days` INTEGER,\n(.*,\n)* {2}.*\n\);$/m);
});
