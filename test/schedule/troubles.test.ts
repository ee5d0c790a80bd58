import assert from "node:assert/strict";
import { test } from "node:test";
import { fileOf, ScheduleFixture } from "./schedule_fixture.js";

const tick = { query: "select 1 as one", interval: 1 };

function said(fixture: ScheduleFixture, word: string): number {
  return fixture.messages.filter((message) => message.includes(word)).length;
}

test("a decorator that fails is told once in a hundred runs, and once when a reload mends it", async (context) => {
  const fixture = new ScheduleFixture(context);
  const file = (sql: string) => ({ ...fileOf({ q: tick }), decorators: { always: [sql] } });
  const schedule = await fixture.start(file("selct 1"));
  await fixture.passSeconds(100);
  assert.equal(said(fixture, "selct"), 1);
  assert.equal(fixture.store.counts.get("schedule.decorators.failing"), 1);
  assert.ok((fixture.store.counts.get("schedule.decorators.errors") ?? 0) >= 100);
  await schedule.reconfigure(fixture.config(file("select 1 as d")));
  await fixture.passSeconds(10);
  assert.equal(said(fixture, "selct"), 2);
  assert.equal(fixture.store.counts.get("schedule.decorators.failing"), 0);
});

test("a recovered decorator is reported, and its next failure too", async (context) => {
  const fixture = new ScheduleFixture(context);
  const sql = "select value as v from later";
  await fixture.start({ ...fileOf({ q: tick }), decorators: { always: [sql] } });
  await fixture.passSeconds(5);
  fixture.store.database.exec("CREATE TABLE later (value)");
  await fixture.passSeconds(5);
  fixture.store.database.exec("DROP TABLE later");
  await fixture.passSeconds(5);
  assert.equal(said(fixture, "no decoration added"), 2);
  assert.equal(said(fixture, "recovered"), 1);
});

test("discovery that fails is told once", async (context) => {
  const fixture = new ScheduleFixture(context);
  const p = { discovery: ["selct 1"], queries: { q: tick } };
  await fixture.start({ options: { pack_refresh_interval: 1 }, packs: { p } });
  await fixture.passSeconds(50);
  assert.equal(said(fixture, "discovery query of pack p failed"), 1);
});

test("a failing scheduled query is reported once, and when it recovers", async (context) => {
  const fixture = new ScheduleFixture(context);
  fixture.store.database.exec("CREATE TABLE here (a)");
  await fixture.start(fileOf({ q: { query: "select * from here", interval: 1 } }));
  await fixture.passSeconds(5);
  fixture.store.database.exec("ALTER TABLE here RENAME TO gone");
  await fixture.passSeconds(50);
  fixture.store.database.exec("ALTER TABLE gone RENAME TO here");
  await fixture.passSeconds(5);
  assert.equal(said(fixture, "Scheduled query q failed"), 1);
  assert.equal(said(fixture, "scheduled query q recovered"), 1);
});
