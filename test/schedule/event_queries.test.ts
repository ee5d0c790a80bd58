import assert from "node:assert/strict";
import { test } from "node:test";
import { openingLimits } from "../../src/schedule/event_retention.js";
import { fileOf, ScheduleFixture } from "./schedule_fixture.js";

const executions = { query: "select eid, path from process_events", interval: 10 };

const paths = (fixture: ScheduleFixture, query: string) =>
  fixture.sink.rows(query).map((row) => row["path"]);

test("a query over an event table logs each event once", async (context) => {
  const fixture = new ScheduleFixture(context);
  fixture.store.add("process_events", { path: "/before" });
  await fixture.start(fileOf({ q: executions }));
  await fixture.passSeconds(10);
  fixture.store.add("process_events", { path: "/one" });
  fixture.store.add("process_events", { path: "/two" });
  await fixture.passSeconds(30);
  fixture.store.add("process_events", { path: "/three" });
  await fixture.passSeconds(10);
  assert.deepEqual(paths(fixture, "q"), ["/before", "/one", "/two", "/three"]);
});

test("the counter of an event query starts at 1 and rises when something is logged", async (context) => {
  const fixture = new ScheduleFixture(context);
  await fixture.start(fileOf({ q: executions }));
  fixture.store.add("process_events", { path: "/a" });
  await fixture.passSeconds(30);
  fixture.store.add("process_events", { path: "/b" });
  await fixture.passSeconds(10);
  const counters = fixture.sink.lines().map((line) => JSON.parse(line).counter);
  assert.deepEqual(counters, [1, 2]);
});

test("events that the logger refused are logged by the next run", async (context) => {
  const fixture = new ScheduleFixture(context);
  await fixture.start(fileOf({ q: executions }));
  fixture.store.add("process_events", { path: "/a" });
  fixture.sink.refuses = true;
  await fixture.passSeconds(10);
  assert.equal(fixture.count("q.errors"), 1);
  fixture.sink.refuses = false;
  fixture.store.add("process_events", { path: "/b" });
  await fixture.passSeconds(10);
  assert.deepEqual(paths(fixture, "q"), ["/a", "/b"]);
});

test("a restart goes on where the logger was", async (context) => {
  const fixture = new ScheduleFixture(context);
  await fixture.start(fileOf({ q: executions }));
  fixture.store.add("process_events", { path: "/a" });
  await fixture.passSeconds(10);
  await fixture.stop();
  fixture.store.add("process_events", { path: "/while stopped" });
  await fixture.start(fileOf({ q: executions }));
  await fixture.passSeconds(10);
  assert.deepEqual(paths(fixture, "q"), ["/a", "/while stopped"]);
});

test("a store that was deleted is read from its start", async (context) => {
  const fixture = new ScheduleFixture(context);
  await fixture.start(fileOf({ q: executions }));
  for (const path of ["/a", "/b", "/c"]) fixture.store.add("process_events", { path });
  await fixture.passSeconds(10);
  fixture.store.database.exec("DELETE FROM stored_process_events; DELETE FROM sqlite_sequence");
  fixture.store.add("process_events", { path: "/new" });
  await fixture.passSeconds(10);
  assert.deepEqual(paths(fixture, "q"), ["/a", "/b", "/c", "/new"]);
});

test("two queries over one table do not take events from each other, the slower one decides what is read", async (context) => {
  const fixture = new ScheduleFixture(context);
  await fixture.start(fileOf({ fast: executions, slow: { ...executions, interval: 60 } }));
  fixture.store.add("process_events", { path: "/a" });
  await fixture.passSeconds(10);
  assert.deepEqual(paths(fixture, "fast"), ["/a"]);
  assert.deepEqual(paths(fixture, "slow"), []);
  assert.equal(fixture.store.readBelow.get("process_events"), 1);
  await fixture.passSeconds(50);
  assert.deepEqual(paths(fixture, "slow"), ["/a"]);
  assert.equal(fixture.store.readBelow.get("process_events"), 2);
});

test("a self-join logs each pair once, also when its events come in different runs", async (context) => {
  const fixture = new ScheduleFixture(context);
  const query =
    "select c.path, p.path as parent_path from process_events c join process_events p on p.pid = c.parent";
  await fixture.start(fileOf({ q: { query, interval: 10 } }));
  fixture.store.add("process_events", { pid: 1, parent: 0, path: "/sh" });
  await fixture.passSeconds(10);
  fixture.store.add("process_events", { pid: 2, parent: 1, path: "/ls" });
  await fixture.passSeconds(10);
  fixture.store.add("process_events", { pid: 3, parent: 1, path: "/cat" });
  fixture.store.add("process_events", { pid: 4, parent: 3, path: "/less" });
  await fixture.passSeconds(30);
  assert.deepEqual(fixture.sink.rows("q"), [
    { path: "/ls", parent_path: "/sh" },
    { path: "/cat", parent_path: "/sh" },
    { path: "/less", parent_path: "/cat" },
  ]);
});

test("a join of two event tables logs each pair once, whichever event comes first", async (context) => {
  const fixture = new ScheduleFixture(context);
  const query =
    "select p.path, s.remote_port from socket_events s join process_events p using (pid)";
  await fixture.start(fileOf({ q: { query, interval: 10 } }));
  fixture.store.add("process_events", { pid: 1, path: "/curl" });
  fixture.store.add("socket_events", { pid: 2, remote_port: 53 });
  await fixture.passSeconds(10);
  assert.deepEqual(fixture.sink.rows("q"), []);
  fixture.store.add("socket_events", { pid: 1, remote_port: 443 });
  await fixture.passSeconds(10);
  fixture.store.add("process_events", { pid: 2, path: "/dig" });
  await fixture.passSeconds(20);
  assert.deepEqual(fixture.sink.rows("q"), [
    { path: "/curl", remote_port: "443" },
    { path: "/dig", remote_port: "53" },
  ]);
});

test("equal rows made of different events are each logged", async (context) => {
  const fixture = new ScheduleFixture(context);
  const query = "select a.path from process_events a join process_events b on a.eid = b.eid";
  await fixture.start(fileOf({ q: { query, interval: 10 } }));
  for (let run = 0; run < 3; run++) {
    fixture.store.add("process_events", { path: "/true" });
    await fixture.passSeconds(10);
  }
  assert.deepEqual(paths(fixture, "q"), ["/true", "/true", "/true"]);
});

test("rows that leave the table between runs are not logged again", async (context) => {
  const fixture = new ScheduleFixture(context);
  const query = "select a.path from process_events a join process_events b on a.eid = b.eid";
  await fixture.start(fileOf({ q: { query, interval: 10 } }));
  for (const path of ["/a", "/b"]) fixture.store.add("process_events", { path });
  await fixture.passSeconds(10);
  fixture.store.evictBelow("process_events", 2);
  fixture.store.add("process_events", { path: "/c" });
  await fixture.passSeconds(10);
  assert.deepEqual(paths(fixture, "q"), ["/a", "/b", "/c"]);
});

test("incremental by_event shows every reference of a table the new events only", async (context) => {
  const fixture = new ScheduleFixture(context);
  const query =
    "select c.path, (select p.path from process_events p where p.pid = c.parent) as parent_path from process_events c";
  await fixture.start(fileOf({ q: { query, interval: 10, incremental: "by_event" } }));
  fixture.store.add("process_events", { pid: 1, parent: 0, path: "/sh" });
  await fixture.passSeconds(10);
  fixture.store.add("process_events", { pid: 2, parent: 1, path: "/ls" });
  await fixture.passSeconds(10);
  assert.deepEqual(fixture.sink.rows("q"), [
    { path: "/sh", parent_path: "" },
    { path: "/ls", parent_path: "" },
  ]);
});

test("a backlog that exceeds the limit of a result is logged in portions", async (context) => {
  const fixture = new ScheduleFixture(context);
  for (let index = 0; index < 2000; index++) {
    fixture.store.add("process_events", { path: `/bin/program-${index}` });
  }
  const limits = { scheduled: { max_bytes: 4096 } };
  await fixture.start({ ...fileOf({ q: executions }), auditql: { limits } });
  await fixture.passSeconds(10);
  const logged = paths(fixture, "q");
  assert.equal(logged.length, 2000);
  assert.equal(new Set(logged).size, 2000);
  assert.ok(fixture.sink.batches.length > 10);
});

test("a streaming query runs as soon as there are events, and only then", async (context) => {
  const fixture = new ScheduleFixture(context);
  const query = { query: "select path from process_events", streaming: true };
  await fixture.start(fileOf({ q: query }));
  await fixture.passSeconds(60);
  assert.equal(fixture.runner.requests.length, 0);
  fixture.store.add("process_events", { path: "/a" });
  await fixture.passSeconds(0.1);
  assert.deepEqual(paths(fixture, "q"), ["/a"]);
  await fixture.passSeconds(60);
  assert.equal(fixture.runner.requests.length, 1);
  assert.equal(fixture.count("q.missed"), 0);
});

test("a streaming query that fails waits before it tries again", async (context) => {
  const fixture = new ScheduleFixture(context);
  const query = { query: "select path from process_events", streaming: true };
  await fixture.start(fileOf({ q: query }));
  fixture.store.add("process_events", { path: "/a" });
  fixture.sink.refuses = true;
  await fixture.passSeconds(25);
  assert.equal(fixture.count("q.errors"), 3);
  fixture.sink.refuses = false;
  await fixture.passSeconds(10);
  assert.deepEqual(paths(fixture, "q"), ["/a"]);
});

test("events live for three intervals of the slowest query at least", async (context) => {
  const fixture = new ScheduleFixture(context);
  await fixture.start(fileOf({ q: { ...executions, interval: 300 } }, { events_expiry: 1 }));
  assert.equal(fixture.store.limits.get("process_events")?.expirySeconds, 960);
  assert.equal(fixture.store.limits.get("socket_events")?.expirySeconds, 1);
});

test("a store is opened with bounds that leave every query time to read", async (context) => {
  const fixture = new ScheduleFixture(context);
  const file = fileOf({ a: executions, b: { ...executions, interval: 300 } }, { events_expiry: 1 });
  assert.equal(openingLimits(fixture.config(file), "process_events").expirySeconds, 960);
  const none = fixture.config(fileOf({}, { events_expiry: 1 }));
  assert.equal(openingLimits(none, "process_events").expirySeconds, 1);
});

test("a query that reads facts waits for those about its newest event, others do not", async (context) => {
  const fixture = new ScheduleFixture(context);
  let isKnown = () => {};
  let waits = 0;
  fixture.factsSettled = () => {
    waits++;
    return new Promise((resolve) => {
      isKnown = resolve;
    });
  };
  const query = "select path from process_events where path <> 'exe_hash_sha256'";
  await fixture.start(fileOf({ plain: executions, hashes: { query, interval: 10 } }));
  fixture.store.add("process_events", { path: "/a" });
  await fixture.passSeconds(10);
  assert.equal(waits, 1);
  assert.deepEqual(paths(fixture, "plain"), ["/a"]);
  assert.deepEqual(paths(fixture, "hashes"), []);
  fixture.store.add("process_events", { path: "/came while it waited" });
  isKnown();
  await fixture.passSeconds(1);
  assert.deepEqual(paths(fixture, "hashes"), ["/a"]);
});

test("facts do not expire by age unless that is configured", async (context) => {
  const fixture = new ScheduleFixture(context);
  const limits = (tables: unknown) =>
    openingLimits(fixture.config({ auditql: { tables } }), "executables").expirySeconds;
  assert.equal(limits({}), 0);
  assert.equal(limits({ executables: { events_expiry: 60 } }), 60);
});
