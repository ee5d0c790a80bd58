import assert from "node:assert/strict";
import { test } from "node:test";
import { fileOf, ScheduleFixture } from "./schedule_fixture.js";

const query = { query: "select 1 as x", interval: 30, snapshot: true };

test("the watchdog's limits hold from watchdog_delay on", async (context) => {
  const fixture = new ScheduleFixture(context);
  await fixture.start(fileOf({ q: query }));
  await fixture.passSeconds(90);
  const limits = fixture.runner.requests.map(({ limits: { cpu, maxMemoryBytes } }) => ({
    share: cpu?.maxShare,
    megabytes: maxMemoryBytes / 2 ** 20,
  }));
  const free = { share: undefined, megabytes: 512 };
  const watched = { share: 0.1, megabytes: 200 };
  assert.deepEqual(limits, [free, watched, watched]);
});

test("osquery_schedule adds up what runs took, and averages their memory", async (context) => {
  const fixture = new ScheduleFixture(context);
  const schedule = await fixture.start(fileOf({ q: query }));
  fixture.runner.usage = { userMs: 30, systemMs: 10, memoryBytes: 4096 };
  await fixture.passSeconds(30);
  fixture.runner.usage = { userMs: 50, systemMs: 0, memoryBytes: 8192 };
  await fixture.passSeconds(30);
  const [described] = schedule.describe();
  assert.deepEqual(described?.usage, { userMs: 80, systemMs: 10, memoryBytes: 6144 });
  assert.deepEqual(described?.lastRun?.usage, fixture.runner.usage);
});
