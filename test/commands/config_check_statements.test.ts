import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { skip } from "../sql/pool_fixture.js";
import { check, scheduled } from "./checked_config.js";

/** One wrong statement per place and kind; each is written on a line of its own. */
const broken: readonly (readonly [string, object, RegExp])[] = [
  [
    "misspelt column",
    { schedule: { q: scheduled("select pidd from processes") } },
    /query q .*pidd\. Did you mean "pid"\?/,
  ],
  [
    "misspelt table",
    { schedule: { q: scheduled("select * from proceses") } },
    /query q .*Did you mean "processes"\?/,
  ],
  [
    "misspelt function",
    { schedule: { q: scheduled("select uper('x')") } },
    /query q .*Did you mean "upper"\?/,
  ],
  [
    "syntax",
    { schedule: { q: scheduled("selct 1") } },
    /query q cannot run: near "selct": syntax error/,
  ],
  [
    "number for SQL",
    { schedule: { q: scheduled(5 as never) } },
    /schedule\.q\.query must be string, not number/,
  ],
  [
    "delete",
    { schedule: { q: scheduled("delete from processes") } },
    /query q cannot run: .*not be modified/,
  ],
  ["attach", { schedule: { q: scheduled("attach 'x' as y") } }, /query q cannot run: ATTACH/],
  [
    "second statement",
    { schedule: { q: scheduled("select 1; select nope from users") } },
    /query q .*nope/,
  ],
  ["no statement", { schedule: { q: scheduled("-- nothing") } }, /query q cannot run/],
  [
    "pack",
    { packs: { p: { queries: { q: scheduled("select x") } } } },
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
        mac: {
          platform: "darwin",
          queries: { q: scheduled(query) },
          discovery: ["select 1 from nope"],
        },
        windows: { platform: "windows", views: { v: "select * from registry" } },
        new: { version: "6.0.0", queries: { q: scheduled(query) } },
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
      JSON.stringify({ packs: { p: { shard, queries: { q: scheduled("selct") } } } }),
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
    JSON.stringify({ packs: { p: { discovery, queries: { q: scheduled(sql) } } } });
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
      q: scheduled(all),
      viewed: scheduled("select * from v"),
      path: scheduled("select * from v where path = '/etc'"),
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
      schedule: { q: scheduled("select a, path from mine join second using (a)") },
    }),
  );
  assert.equal(status, 0, lines.join("\n"));
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
