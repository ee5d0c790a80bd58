import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, linkSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { temporaryFolder } from "../config/temporary_folder.js";
import { skip } from "../sql/pool_fixture.js";
import { runAuditql } from "./command_run.js";

interface Checked {
  readonly status: number;
  /** Problems without the folder, and the verdict. */
  readonly lines: readonly string[];
}

/** Runs `auditql config check` on one file. */
async function check(
  context: TestContext,
  text: string,
  { name = "auditql.conf", flags = [] }: { name?: string; flags?: readonly string[] } = {},
): Promise<Checked> {
  const folder = temporaryFolder(context);
  const path = join(folder, name);
  writeFileSync(path, text);
  const run = await runAuditql(["config", "check", `--config_path=${path}`, ...flags]);
  const output = `${run.stdout}${run.stderr}`.replaceAll(`${folder}/`, "");
  return { status: run.status, lines: output.split("\n") };
}

const over = (sql: string) => ({ query: sql, interval: 10 });

/** One wrong statement per place and kind; each is written on a line of its own. */
const broken: readonly (readonly [string, object, RegExp])[] = [
  [
    "misspelt column",
    { schedule: { q: over("select pidd from processes") } },
    /query q .*pidd\. Did you mean "pid"\?/,
  ],
  [
    "misspelt table",
    { schedule: { q: over("select * from proceses") } },
    /query q .*Did you mean "processes"\?/,
  ],
  [
    "misspelt function",
    { schedule: { q: over("select uper('x')") } },
    /query q .*Did you mean "upper"\?/,
  ],
  [
    "syntax",
    { schedule: { q: over("selct 1") } },
    /query q cannot run: near "selct": syntax error/,
  ],
  [
    "number for SQL",
    { schedule: { q: over(5 as never) } },
    /schedule\.q\.query must be string, not number/,
  ],
  [
    "delete",
    { schedule: { q: over("delete from processes") } },
    /query q cannot run: .*not be modified/,
  ],
  ["attach", { schedule: { q: over("attach 'x' as y") } }, /query q cannot run: ATTACH/],
  [
    "second statement",
    { schedule: { q: over("select 1; select nope from users") } },
    /query q .*nope/,
  ],
  ["no statement", { schedule: { q: over("-- nothing") } }, /query q cannot run/],
  [
    "pack",
    { packs: { p: { queries: { q: over("select x") } } } },
    /query pack_p_q .*no such column: x/,
  ],
  [
    "discovery",
    { packs: { p: { discovery: ["select frm"], queries: {} } } },
    /discovery of pack p .*frm/,
  ],
  ["decorator", { decorators: { load: ["select 1", "selct"] } }, /decorator "selct" cannot run/],
  [
    "interval decorator",
    { decorators: { interval: { 60: ["select a"] } } },
    /decorator "select a" .*a/,
  ],
  [
    "decorator of a pack",
    { packs: { p: { decorators: { always: ["select a"] } } } },
    /decorator "select a"/,
  ],
  ["view", { views: { v: "select" } }, /view v cannot run: incomplete input/],
  [
    "column of a view",
    { views: { v: "select nope from users" } },
    /view v cannot run: no such column: nope/,
  ],
  [
    "circular view",
    { views: { a: "select * from b", b: "select * from a" } },
    /view a cannot run: .*circular/,
  ],
  [
    "view of two statements",
    { views: { v: "select 1; select 2" } },
    /view v cannot run: a view must be a single statement/,
  ],
  [
    "name of a table",
    { views: { users: "select 1" } },
    /cannot use view users of the configuration/,
  ],
  [
    "file_paths_query",
    { file_paths_query: { c: ["select 1 as y"] } },
    /file_paths_query c .*lacks the column "path"/,
  ],
  [
    "constructed table",
    { auto_table_construction: { t: { query: "selct", path: "/x", columns: ["a"] } } },
    /table t cannot run: near "selct"/,
  ],
];

test("each broken statement is named with its place, and fails the check", { skip }, async (t) => {
  for (const [name, config, expected] of broken) {
    // Nothing but the statement is on the line, so that the line tells that the place is right.
    const text = JSON.stringify(config, null, 1);
    const { status, lines } = await check(t, text);
    assert.equal(status, 78, name);
    const [line = ""] = lines.filter((each) => expected.test(each));
    assert.match(line, /^auditql\.conf:\d+:\d+: error: /, `${name}: ${lines.join("\n")}`);
    assert.match(lines.join("\n"), /error.*: the daemon starts without the named parts/, name);
  }
});

test("a problem stands where its statement stands", { skip }, async (t) => {
  const { lines } = await check(
    t,
    '{"schedule": {\n  "a": {"interval": 1,\n    "query": "selct"}}}',
  );
  assert.match(lines[0] ?? "", /^auditql\.conf:3:5: error: query a/);
});

test("statements are checked beside other errors", { skip }, async (t) => {
  const { status, lines } = await check(
    t,
    '{"auditql": {"limts": 1}, "schedule": {"a": {"query": "selct", "interval": 1}}}',
  );
  assert.equal(status, 78);
  assert.match(
    lines.join("\n"),
    /unknown key "limts".*\n.*query a cannot run.*\n.*is invalid: 2 errors/,
  );
});

test("what is for other platforms and versions is not checked", { skip }, async (t) => {
  const query = "select * from launchd";
  const { status, lines } = await check(
    t,
    JSON.stringify({
      schedule: {
        a: { query, interval: 1, platform: "darwin" },
        b: { query, interval: 1, version: "99.0.0" },
      },
      packs: {
        mac: { platform: "darwin", queries: { q: over(query) }, discovery: ["select 1 from nope"] },
        windows: { platform: "windows", views: { v: "select * from registry" } },
        new: { version: "6.0.0", queries: { q: over(query) } },
      },
    }),
  );
  assert.deepEqual(
    lines.filter((line) => /error|warning/.test(line)),
    [],
  );
  assert.equal(status, 0);
});

test("a shard does not keep a statement from the check", { skip }, async (t) => {
  for (const shard of [1, 99]) {
    const { status } = await check(
      t,
      JSON.stringify({ packs: { p: { shard, queries: { q: over("selct") } } } }),
    );
    assert.equal(status, 78);
  }
});

test("a table that a pack's discovery may ask for is a warning where it is not", {
  skip,
}, async (t) => {
  const discovery = [
    "select 1 from osquery_registry where registry = 'table' and name = 'orbit_info'",
  ];
  const pack = (sql: string) =>
    JSON.stringify({ packs: { p: { discovery, queries: { q: over(sql) } } } });
  const missing = await check(t, pack("select * from orbit_info"));
  assert.equal(missing.status, 0);
  assert.match(missing.lines[0] ?? "", /warning: query pack_p_q .*no such table: orbit_info/);
  assert.equal((await check(t, pack("selct"))).status, 78);
});

test("a query that lacks a required column is a warning, as osquery runs it", {
  skip,
}, async (t) => {
  const all = "select * from file";
  const config = {
    views: { v: all },
    schedule: {
      q: over(all),
      viewed: over("select * from v"),
      path: over("select * from v where path = '/etc'"),
    },
    decorators: { load: ["select path from file"] },
    file_paths_query: { c: [all] },
  };
  const { status, lines } = await check(t, JSON.stringify(config, null, 1));
  assert.equal(status, 0);
  const fails =
    /^auditql\.conf:(\d+):\d+: warning: (.*) fails when it runs: Table file was queried/;
  const warnings = lines.flatMap((line) => {
    const [, at, subject] = fails.exec(line) ?? [];
    return subject === undefined ? [] : [`${at} ${subject}`];
  });
  assert.deepEqual(
    warnings.toSorted(),
    [
      '21 decorator "select path from file"',
      "26 file_paths_query c",
      "7 query q",
      "11 query viewed",
    ].toSorted(),
  );
});

test("views and constructed tables may be used in any order", { skip }, async (t) => {
  const { status, lines } = await check(
    t,
    JSON.stringify({
      views: { second: "select * from first", first: "select a from mine" },
      auto_table_construction: {
        mine: { query: "select a from theirs", path: "/x/%", columns: ["a"] },
      },
      schedule: { q: over("select a, path from mine join second using (a)") },
    }),
  );
  assert.equal(status, 0, lines.join("\n"));
});

test("the shipped configuration is clean", { skip }, async () => {
  const run = await runAuditql(["config", "check", "--config_path=packs/auditql.conf"]);
  assert.equal(run.status, 0);
  assert.doesNotMatch(run.stdout, /warning|error/);
});

const corpus = join(process.env["AUDITQL_CORPUS"] ?? "../shared/corpus", "queries/queries.jsonl");
const noCorpus = skip || (existsSync(corpus) ? false : "needs the corpora (AUDITQL_CORPUS)");

test("no query that people run is called wrong", { skip: noCorpus }, async (t) => {
  const queries = readFileSync(corpus, "utf8")
    .trim()
    .split("\n")
    .map((line) => {
      const parsed: { readonly query: string; readonly platform: string | null } = JSON.parse(line);
      return parsed;
    });
  const entries = queries.map(({ query, platform }, index) => [
    `q${index}`,
    { query, platform: platform ?? "any", interval: 60 },
  ]);
  const { status, lines } = await check(
    t,
    JSON.stringify({ schedule: Object.fromEntries(entries) }),
    { name: "osquery.conf" },
  );
  assert.deepEqual(
    lines.filter((line) => /error|warning/.test(line)),
    [],
  );
  assert.equal(status, 0);
});

test("the verdict says for which program the file is written, and why", { skip }, async (t) => {
  const facts = async (name: string, config: object) =>
    (await check(t, JSON.stringify(config), { name })).lines.join("\n");
  const foreign = await facts("c2.conf", {});
  assert.match(
    foreign,
    /written for osquery, because no file has the key auditql, and the name c2\.conf does not start with auditql/,
  );
  assert.match(foreign, /results in \/.*osqueryd\.results\.log/);
  assert.match(
    await facts("c2.conf", { auditql: {} }),
    /written for auditql, because c2\.conf has the key auditql/,
  );
  assert.match(
    await facts("auditql-a.conf", {}),
    /written for auditql, because the name auditql-a\.conf starts with auditql/,
  );
});

/** What the daemon makes of a configuration. */
type Outcome = "refuses" | "skips" | "warns";

interface Row {
  readonly auditql?: Readonly<Record<string, unknown>>;
  readonly rest?: object;
  readonly flags?: readonly string[];
  readonly outcome: Outcome;
  /** What the check says, and what the daemon says of what it refuses. */
  readonly says: RegExp;
}

const filter = (where: string) => ({ log: { loggers: { filesystem: { filter: { where } } } } });
const capture = (settings: object) => ({ capture: { backend: "none", ...settings } });
const options = (settings: object) => ({ log: { loggers: { http: { options: settings } } } });
const withHttp = ["--logger_plugin=filesystem,http"];

const rows: Readonly<Record<string, Row>> = {
  "logger condition": {
    auditql: filter("1; drop"),
    outcome: "refuses",
    says: /filter\.where is not an SQL condition/,
  },
  "query as a condition": {
    auditql: filter("exists (select 1)"),
    outcome: "refuses",
    says: /cannot contain a subquery/,
  },
  "missing logger": {
    flags: ["--logger_plugin=files"],
    outcome: "refuses",
    says: /unknown logger "files"/,
  },
  "missing logger module": {
    auditql: { log: { loggers: { mine: { module: "/nonexistent/mine.mjs" } } } },
    flags: ["--logger_plugin=mine"],
    outcome: "refuses",
    says: /cannot open logger "mine"/,
  },
  "logger option of the wrong type": {
    auditql: options({ url: "http://x", gzip: "maybe" }),
    flags: withHttp,
    outcome: "refuses",
    says: /options\.gzip must be boolean/,
  },
  "unknown logger option": {
    auditql: options({ url: "http://x", hedaers: {} }),
    flags: withHttp,
    outcome: "refuses",
    says: /unknown key "hedaers".*Did you mean "headers"\?/,
  },
  "logger without a needed option": {
    auditql: options({}),
    flags: withHttp,
    outcome: "refuses",
    says: /options must have required properties url/,
  },
  "address of other hosts": {
    auditql: { http: { host: "0.0.0.0", port: 0 } },
    outcome: "refuses",
    says: /0\.0\.0\.0 is not a loopback address/,
  },
  "certificate that is missing": {
    auditql: {
      http: { port: 0, tls: { certificate_path: "/nonexistent/c", key_path: "/nonexistent/k" } },
    },
    outcome: "refuses",
    says: /\/nonexistent\/c/,
  },
  "socket path of 200 bytes": {
    auditql: { http: { socket_path: `/${"x".repeat(199)}` } },
    outcome: "refuses",
    says: /has 200 bytes/,
  },
  "audit rule": {
    auditql: capture({ rules: ["-a nonsense"] }),
    outcome: "refuses",
    says: /rules\.0: .*nonsense/,
  },
  "deletion of all rules": {
    auditql: capture({ rules: ["-w /bin/su -p x", "-D"] }),
    outcome: "refuses",
    says: /rules\.1: .*-D/,
  },
  "rule for a call that no table has": {
    auditql: capture({ rules: ["-a always,exit -F arch=b64 -S connect,memfd_create -k m"] }),
    outcome: "refuses",
    says: /rules\.0: .*-S connect,memfd_create -k m.*no event table records memfd_create/,
  },
  "rule for every call": {
    auditql: capture({ rules: ["-a exit,always -S all -F uid=1000"] }),
    outcome: "refuses",
    says: /rules\.0: .*no event table records .*other calls/,
  },
  "watch without process_file_events": {
    auditql: capture({ rules: ["-w /etc/passwd -p wa"] }),
    outcome: "refuses",
    says: /rules\.0: .*audit_allow_fim_events/,
  },
  "exclusion line that records": {
    auditql: capture({ exclude: ["-a always,exit -F arch=b64 -S connect"] }),
    outcome: "refuses",
    says: /exclude\.0: .*records calls\. Write never/,
  },
  "locking of rules": {
    auditql: capture({ rules: ["-e 2"] }),
    outcome: "refuses",
    says: /rules\.0: .*-e 2/,
  },
  "panic on loss": {
    auditql: capture({ rules: ["-f 2"] }),
    outcome: "refuses",
    says: /rules\.0: .*-f 2/,
  },
  "exclusion line": {
    auditql: capture({ exclude: [{ uid: 1 }, "-a x"] }),
    outcome: "refuses",
    says: /exclude\.1: /,
  },
  "exclusion of an unknown call": {
    auditql: capture({ exclude: ["-a never,exit -S all -F uid=1", { syscalls: ["exce"] }] }),
    outcome: "refuses",
    says: /exclude\.1: .*exce/,
  },
  "bounds of no table": {
    auditql: { tables: { proces_events: { events_max: 5 } } },
    outcome: "refuses",
    says: /tables\.proces_events.*Did you mean "process_events"\?/,
  },
  "bounds of a state table": {
    auditql: { tables: { users: { events_max: 5 } } },
    outcome: "refuses",
    says: /users does not store events/,
  },
  "result of no bytes": {
    auditql: { limits: { adhoc: { max_bytes: 1 } } },
    outcome: "refuses",
    says: /max_bytes must be >= 4096/,
  },
  "no time": {
    auditql: { limits: { scheduled: { timeout_ms: 1 } } },
    outcome: "refuses",
    says: /timeout_ms must be >= 100/,
  },
  "no memory": {
    auditql: { limits: { scheduled: { max_memory_bytes: 1 } } },
    outcome: "refuses",
    says: /max_memory_bytes must be >= /,
  },
  "store without room": {
    auditql: { store: "memory", store_max_bytes: 1 },
    outcome: "refuses",
    says: /store_max_bytes must be >= /,
  },
  "cron of four fields": {
    rest: { schedule: { c: { query: "select 1", cron: "* * * *" } } },
    outcome: "skips",
    says: /it has 4 fields/,
  },
  "empty cron": {
    rest: { schedule: { c: { query: "select 1", cron: "" } } },
    outcome: "skips",
    says: /it has 0 fields/,
  },
  "YARA file that is missing": {
    rest: {
      file_paths: { a: ["/nonexistent/%"] },
      yara: { signatures: { g: ["/nonexistent/g.yar"] }, file_paths: { a: ["g"] } },
    },
    flags: ["--enable_file_events"],
    outcome: "skips",
    says: /g\.yar cannot be read/,
  },
  "YARA category that is missing": {
    rest: {
      file_paths: { homes: ["/nonexistent/%"] },
      yara: { signatures: { g: [] }, file_paths: { home: ["g"] } },
    },
    flags: ["--enable_file_events"],
    outcome: "skips",
    says: /unknown category of file_paths: "home"\. Did you mean "homes"\?/,
  },
  "URL of a logger": {
    auditql: options({ url: "http://[" }),
    flags: withHttp,
    outcome: "skips",
    says: /"http:\/\/\[" is not a URL/,
  },
  "cron and interval": {
    rest: { schedule: { c: { query: "select 1", cron: "@daily", interval: 5 } } },
    outcome: "warns",
    says: /interval has no effect together with cron/,
  },
  "logger that is not used": {
    auditql: options({ url: "http://x" }),
    outcome: "warns",
    says: /loggers\.http has no effect: logger_plugin does not name http/,
  },
  "filter that passes nothing": {
    auditql: { log: { loggers: { filesystem: { filter: { queries: ["nope*"] } } } } },
    outcome: "warns",
    says: /"nope\*" matches none of the queries/,
  },
  "user that is not there": {
    auditql: { http: { socket_users: ["no-such-user"], socket_group: "no-such-group" } },
    outcome: "warns",
    says: /unknown user: no-such-user/,
  },
  "disabled table that is not there": {
    flags: ["--disable_tables=proceses"],
    outcome: "warns",
    says: /unknown table proceses/,
  },
};

/** Starts a daemon, ends it once it is ready, and tells how it ended. */
async function daemonOutcome(
  args: readonly string[],
  socketPath: string,
): Promise<{ status: number | null; said: string }> {
  const child = spawn(process.execPath, ["dist/src/main.js", "daemon", ...args], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (data: Buffer) => {
    const wasReady = / is ready/.test(said);
    said += data.toString();
    // An answer comes only after it has begun to listen to signals.
    if (!wasReady && / is ready/.test(said)) {
      get({ socketPath, path: "/readyz" }, (answer) => {
        answer.resume();
        child.kill("SIGTERM");
      });
    }
  });
  await once(child, "close");
  return { status: child.exitCode, said };
}

for (const [name, { auditql = {}, rest = {}, flags = [], outcome, says }] of Object.entries(rows)) {
  test(`the check says what the daemon makes of it: ${name}`, { skip }, async (t) => {
    const folder = temporaryFolder(t);
    const path = join(folder, "auditql.conf");
    const settings = {
      state_path: join(folder, "state"),
      capture: { backend: "none" },
      ...auditql,
    };
    writeFileSync(path, JSON.stringify({ auditql: settings, ...rest }));
    const args = [`--config_path=${path}`, `--logger_path=${join(folder, "log")}`, ...flags];
    const checked = await runAuditql(["config", "check", ...args]);
    const output = `${checked.stdout}${checked.stderr}`;
    assert.equal(checked.status, outcome === "warns" ? 0 : 78, output);
    const line = output.split("\n").find((each) => says.test(each)) ?? output;
    assert.match(line, outcome === "warns" ? /warning: / : /error: /);
    assert.match(output, outcome === "refuses" ? /is invalid/ : /usable|the daemon starts without/);
    // A check leaves nothing behind.
    assert.equal(existsSync(join(folder, "state")), false);
    const { status, said } = await daemonOutcome(args, join(folder, "state", "auditql.sock"));
    if (outcome !== "refuses") assert.equal(status, 0, said);
    else assert.notEqual(status, 0, said);
    assert.match(said, says);
  });
}

test("the check warns of excluded programs that the kernel cannot tell from others", {
  skip,
}, async (t) => {
  const folder = temporaryFolder(t);
  const path = (name: string) => join(folder, name);
  for (const name of ["plain", "original"]) writeFileSync(path(name), "");
  linkSync(path("original"), path("name"));
  symlinkSync(path("plain"), path("link"));
  const exclude = [
    { exe: path("plain") },
    { exe: path("name") },
    { exe: path("link") },
    { exe: path("missing") },
    `-a never,exit -S all -F exe=${path("name")}`,
    `-a never,exit -S all -F path=${path("plain")}`,
  ];
  const { status, lines } = await check(t, JSON.stringify({ auditql: { capture: { exclude } } }));
  assert.equal(status, 0);
  const warnings = lines.filter((line) => line.includes("warning: "));
  assert.equal(warnings.length, 3, lines.join("\n"));
  assert.match(warnings.join("\n"), /exclude\.4: .*name has several names \(hard links\)/);
  assert.match(warnings.join("\n"), /exclude\.1: .*name has several names \(hard links\)/);
  assert.match(
    warnings.join("\n"),
    /exclude\.2: .*link is reached through .*; use .*plain instead/,
  );
});

test("the daemon with --config_check checks, says what the command says, and ends", async (context) => {
  const folder = temporaryFolder(context);
  const path = join(folder, "auditql.conf");
  for (const [text, status] of [
    ["{}", 0],
    ['{"schedule":{"q":{"query":"select pidd from processes","interval":10}}}', 78],
  ] as const) {
    writeFileSync(path, text);
    const flag = `--config_path=${path}`;
    const command = await runAuditql(["config", "check", flag]);
    const daemon = await runAuditql(["daemon", "--config_check", flag]);
    assert.equal(daemon.status, status);
    assert.deepEqual([daemon.stdout, daemon.stderr], [command.stdout, command.stderr]);
  }
});
