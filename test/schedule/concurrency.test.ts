import assert from "node:assert/strict";
import { test } from "node:test";
import { fileOf, ScheduleFixture } from "./schedule_fixture.js";

const state = (text: string, interval = 10) => ({
  query: `select '${text}' as x`,
  interval,
  snapshot: true,
});
const events = { query: "select pid from process_events", interval: 10 };
const seldomEvents = { query: "select pid, path from process_events", interval: 120 };
const never = new Promise<void>(() => {});

function names(fixture: ScheduleFixture): string[] {
  return fixture.sink.lines().map((line): string => JSON.parse(line).name);
}

test("slow queries do not delay event queries that come often", async (context) => {
  const fixture = new ScheduleFixture(context);
  for (const text of ["slow1", "slow2", "slow3"]) fixture.runner.slow.set(text, never);
  await fixture.start(fileOf({ a: state("slow1"), b: state("slow2"), c: state("slow3"), events }));
  fixture.store.add("process_events", { time: 1, pid: 7, parent: 1, path: "/a" });
  await fixture.passSeconds(10);
  assert.deepEqual(names(fixture), ["events"]);
  fixture.store.add("process_events", { time: 2, pid: 8, parent: 1, path: "/b" });
  await fixture.passSeconds(10);
  assert.deepEqual(names(fixture), ["events", "events"]);
});

test("one slow query does not delay the others", async (context) => {
  const fixture = new ScheduleFixture(context);
  fixture.runner.slow.set("slow", never);
  await fixture.start(fileOf({ a: state("slow"), b: state("quick") }));
  await fixture.passSeconds(20);
  assert.deepEqual(names(fixture), ["b", "b"]);
});

test("event queries that come seldom wait like any other", async (context) => {
  const fixture = new ScheduleFixture(context);
  for (const text of ["slow1", "slow2"]) fixture.runner.slow.set(text, never);
  await fixture.start(fileOf({ a: state("slow1", 60), b: state("slow2", 60), c: seldomEvents }));
  fixture.store.add("process_events", { time: 1, pid: 7, parent: 1, path: "/a" });
  await fixture.passSeconds(120);
  assert.deepEqual(names(fixture), []);
});
