import assert from "node:assert/strict";
import { test } from "node:test";
import { fileOf, ScheduleFixture, startMs } from "./schedule_fixture.js";

const one = (interval: number, extra: object = {}) => ({
  query: "select 1 as x",
  interval,
  ...extra,
});

const startTimes = (fixture: ScheduleFixture) =>
  fixture.sink.lines().map((line): number => JSON.parse(line).unixTime - startMs / 1000);

test("queries run at multiples of their interval since 1970, not at start", async (context) => {
  const fixture = new ScheduleFixture(context);
  await fixture.start(fileOf({ q: one(100, { snapshot: true }) }));
  await fixture.passSeconds(250);
  const offset = 100 - ((startMs / 1000) % 100);
  assert.deepEqual(
    startTimes(fixture),
    [offset, offset + 100, offset + 200].filter((t) => t <= 250),
  );
});

test("startup_priority runs at start, lowest first", async (context) => {
  const fixture = new ScheduleFixture(context);
  const query = (priority: number) => one(3600, { snapshot: true, startup_priority: priority });
  await fixture.start(fileOf({ late: query(9), first: query(1), never: one(3600) }));
  await fixture.passSeconds(0);
  const names = fixture.sink.lines().map((line): string => JSON.parse(line).name);
  assert.deepEqual(names, ["first", "late"]);
});

test("a cron query runs at its local times", async (context) => {
  const fixture = new ScheduleFixture(context);
  const query = {
    query: "select 1",
    cron: "30 23 * * *",
    timezone: "Europe/Berlin",
    snapshot: true,
  };
  await fixture.start(fileOf({ q: query }));
  // 21:46 UTC is 23:46 in Berlin: the next 23:30 there is 21:30 UTC tomorrow.
  await fixture.passSeconds(48 * 3600);
  assert.deepEqual(startTimes(fixture), [86400 - 16 * 60, 2 * 86400 - 16 * 60]);
});

test("a run that is still on its way is not started again, what it missed is counted", async (context) => {
  const fixture = new ScheduleFixture(context);
  let open = () => {};
  fixture.runner.gate = new Promise((resolve) => {
    open = resolve;
  });
  await fixture.start(fileOf({ q: one(10, { snapshot: true }) }));
  await fixture.passSeconds(35);
  assert.equal(fixture.runner.requests.length, 1);
  assert.equal(fixture.count("q.missed"), 2);
  open();
  await fixture.passSeconds(10);
  assert.equal(fixture.count("q.executions"), 2);
});

test("after a suspend longer than the drift nothing is caught up, it is counted", async (context) => {
  const fixture = new ScheduleFixture(context);
  await fixture.start(fileOf({ q: one(3600, { snapshot: true }) }));
  await fixture.clock.jumpTo(startMs + 10 * 3600 * 1000);
  assert.equal(fixture.count("q.executions"), 0);
  assert.equal(fixture.count("q.missed"), 10);
});

test("a run that is late by less than the drift takes place", async (context) => {
  const fixture = new ScheduleFixture(context);
  await fixture.start(fileOf({ q: one(3600, { snapshot: true }) }));
  const due = 3600 - ((startMs / 1000) % 3600);
  await fixture.clock.jumpTo(startMs + (due + 30) * 1000);
  assert.equal(fixture.count("q.executions"), 1);
  assert.equal(fixture.count("q.lag_ms"), 30_000);
});

test("a failing query is counted and does not stop the others", async (context) => {
  const fixture = new ScheduleFixture(context);
  await fixture.start(fileOf({ a: { query: "select nonsense", interval: 10 }, b: one(10) }));
  await fixture.passSeconds(10);
  assert.equal(fixture.count("a.errors"), 1);
  assert.equal(fixture.sink.rows("b").length, 1);
  assert.match(fixture.messages.join("\n"), /Scheduled query a .*no such column: nonsense/);
});

test("a query that had to be killed does not run for a day, also after a restart", async (context) => {
  const fixture = new ScheduleFixture(context);
  const file = fileOf({
    bad: one(3600),
    exempt: { ...one(3600), query: "select 1 as y", denylist: false },
  });
  fixture.runner.failures.set("select 1", { code: "worker_died", message: "out of memory" });
  const schedule = await fixture.start(file);
  await fixture.passSeconds(3600);
  assert.deepEqual(
    schedule.describe().map((query) => query.denylisted),
    [true, false],
  );
  fixture.runner.failures.clear();
  await fixture.stop();
  await fixture.start(file);
  await fixture.passSeconds(20 * 3600);
  assert.equal(fixture.sink.rows("bad").length, 0);
  assert.equal(fixture.sink.rows("exempt").length, 1);
  await fixture.passSeconds(5 * 3600);
  assert.equal(fixture.sink.rows("bad").length, 1);
});

test("queries over event tables are denylisted only when asked for", async (context) => {
  const fixture = new ScheduleFixture(context);
  const query = { query: "select path from process_events", interval: 10 };
  fixture.runner.failures.set("process_events", { code: "query_timeout", message: "too slow" });
  const schedule = await fixture.start(fileOf({ q: query }));
  await fixture.passSeconds(10);
  assert.equal(schedule.describe()[0]?.denylisted, false);
  await fixture.stop();
  const strict = await fixture.start(fileOf({ q: query }, { events_enforce_denylist: true }));
  await fixture.passSeconds(10);
  assert.equal(strict.describe()[0]?.denylisted, true);
});

test("a pack runs while each of its discovery queries returns a row", async (context) => {
  const fixture = new ScheduleFixture(context);
  fixture.store.database.exec("CREATE TABLE installed (name TEXT)");
  const discovery = ["select 1", "select name from installed", 42];
  const packs = { p: { discovery, queries: { q: one(10, { snapshot: true }) } } };
  const file = { ...fileOf({}, { pack_refresh_interval: 60 }), packs };
  const schedule = await fixture.start(file);
  await fixture.passSeconds(30);
  assert.equal(schedule.describePacks()[1]?.active, false);
  assert.equal(fixture.sink.lines().length, 0);
  fixture.store.database.exec("INSERT INTO installed VALUES ('mysql')");
  await fixture.passSeconds(80);
  const names = fixture.sink.lines().map((line): string => JSON.parse(line).name);
  assert.ok(names.length >= 1 && names.every((name) => name === "pack_p_q"), names.join());
  const [main, pack] = schedule.describePacks();
  assert.deepEqual([main?.name, main?.active, main?.executions], ["main", true, 0]);
  assert.deepEqual([pack?.name, pack?.active], ["p", true]);
  assert.ok((pack?.executions ?? 0) >= 2 && (pack?.cacheHits ?? 0) >= 1);
});

test("what discovery finds is known at the start, after a reload, and while nothing is due", async (context) => {
  const fixture = new ScheduleFixture(context);
  fixture.store.database.exec("CREATE TABLE installed (name TEXT)");
  const pack = (sql: string) => ({ discovery: [sql], queries: { q: one(3600) } });
  const packs = {
    yes: pack("select 1"),
    no: pack("select name from installed"),
    broken: pack("selct"),
    elsewhere: { ...pack("select 1"), platform: "windows" },
    open: { queries: {} },
  };
  const file = { ...fileOf({}, { pack_refresh_interval: 600 }), packs };
  const schedule = await fixture.start(file);
  const active = () => schedule.describePacks().map((each) => [each.name, each.active]);
  await fixture.passSeconds(1);
  const found = [
    ["main", true],
    ["yes", true],
    ["no", false],
    ["broken", false],
    ["elsewhere", false],
    ["open", true],
  ];
  assert.deepEqual(active(), found);
  fixture.store.database.exec("INSERT INTO installed VALUES ('mysql')");
  await fixture.passSeconds(601);
  assert.deepEqual(active()[2], ["no", true]);
});

test("platform, version and shard leave out what is not meant for this host", async (context) => {
  const fixture = new ScheduleFixture(context);
  const packs = {
    mac: { platform: "darwin", queries: { q: one(10) } },
    old: { version: "1.4.5", queries: { q: one(10) } },
    future: { version: "99.0.0", queries: { q: one(10) } },
    some: {
      queries: { windows: one(10, { platform: "windows" }), posix: one(10, { platform: "posix" }) },
    },
  };
  const schedule = await fixture.start({ ...fileOf({}), packs });
  assert.deepEqual(
    schedule.describe().map((query) => query.name),
    ["pack_old_q", "pack_some_posix"],
  );
  const active = schedule.describePacks().filter((pack) => pack.active);
  assert.deepEqual(
    active.map((pack) => pack.name),
    ["main", "old", "some"],
  );
});

test("removed: false keeps rows that went away out of the log", async (context) => {
  const fixture = new ScheduleFixture(context);
  fixture.store.database.exec("CREATE TABLE t (x); INSERT INTO t VALUES (1), (2)");
  await fixture.start(fileOf({ q: { query: "select x from t", interval: 10, removed: false } }));
  await fixture.passSeconds(10);
  fixture.store.database.exec("DELETE FROM t WHERE x = 1");
  await fixture.passSeconds(10);
  fixture.store.database.exec("INSERT INTO t VALUES (1)");
  await fixture.passSeconds(10);
  const actions = fixture.sink.lines().map((line): string => JSON.parse(line).action);
  assert.deepEqual(actions, ["added", "added", "added"]);
});

test("equal rows are compared as often as they occur", async (context) => {
  const fixture = new ScheduleFixture(context);
  fixture.store.database.exec("CREATE TABLE t (x); INSERT INTO t VALUES (1), (1), (1)");
  await fixture.start(fileOf({ q: { query: "select x from t", interval: 10 } }));
  await fixture.passSeconds(10);
  fixture.sink.clear();
  fixture.store.database.exec("DELETE FROM t WHERE rowid = 1");
  await fixture.passSeconds(10);
  const actions = fixture.sink.lines().map((line): string => JSON.parse(line).action);
  assert.deepEqual(actions, ["removed"]);
});

test("a new configuration takes over without running queries twice at once", async (context) => {
  const fixture = new ScheduleFixture(context);
  const schedule = await fixture.start(fileOf({ a: one(10, { snapshot: true }) }));
  await fixture.passSeconds(10);
  await schedule.reconfigure(fixture.config(fileOf({ b: one(10, { snapshot: true }) })));
  await fixture.passSeconds(10);
  const names = fixture.sink.lines().map((line): string => JSON.parse(line).name);
  assert.deepEqual(names, ["a", "b"]);
});
