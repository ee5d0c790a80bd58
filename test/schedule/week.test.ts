import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { fileOf, ScheduleFixture, startMs } from "./schedule_fixture.js";

const day = 86_400;
const queries = Object.fromEntries(
  Array.from({ length: 200 }, (_, index) => [
    `q${index}`,
    { query: `select ${index} as x`, interval: 1800 + 37 * index, snapshot: true },
  ]),
);

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

/** Bytes that are in use once what is not has been collected. */
function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** A generator of its own, so that every run of the test has the same splays. */
function pseudoRandom(): () => number {
  let state = 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** The median: a run that a suspend delayed has two other gaps. */
function usualGap(times: readonly number[]): number {
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  return gaps.sort((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? 0;
}

/** When each query ran, in seconds since 1970. */
class Week {
  readonly fixture: ScheduleFixture;
  readonly times = new Map<string, number[]>();

  constructor(context: TestContext) {
    this.fixture = new ScheduleFixture(context, { random: pseudoRandom() });
  }

  /** Reads the log and forgets it, as a log pipeline does. */
  readLog(): void {
    for (const line of this.fixture.sink.lines()) {
      const { name, unixTime }: { name: string; unixTime: number } = JSON.parse(line);
      this.times.set(name, [...(this.times.get(name) ?? []), unixTime]);
    }
    this.fixture.sink.clear();
    this.fixture.runner.requests.length = 0;
  }

  async restart(): Promise<void> {
    await this.fixture.stop();
    await this.fixture.start(fileOf(queries));
  }
}

test("a week of 200 queries: each keeps its own rhythm, over restarts and a suspend, in bounded memory", async (context) => {
  const week = new Week(context);
  const { fixture } = week;
  const heaps: number[] = [];
  await fixture.start(fileOf(queries));
  for (let dayNumber = 1; dayNumber <= 7; dayNumber++) {
    await fixture.passSeconds(day / 2);
    // On the third day the machine sleeps for two hours.
    if (dayNumber === 3) await fixture.clock.jumpTo(fixture.clock.now() + 7200 * 1000);
    await fixture.passSeconds(day / 2);
    week.readLog();
    await week.restart();
    heaps.push(heapBytes());
  }
  const [begin, end] = [startMs / 1000, Math.floor(fixture.clock.now() / 1000)];
  for (const [name, { interval }] of Object.entries(queries)) {
    const times = week.times.get(name) ?? [];
    const period = usualGap(times);
    assert.ok(Math.abs(period - interval) <= interval * 0.1, `${name}: splay to ${period}`);
    // After the suspend a run may be late by less than the drift.
    const late = times.filter((time) => time % period !== 0);
    assert.ok(
      late.length <= 1 && late.every((time) => time % period <= 60),
      `${name}: late at ${late}`,
    );
    const due = Math.floor(end / period) - Math.floor(begin / period);
    assert.equal(times.length + fixture.count(`${name}.missed`), due, name);
    assert.ok(fixture.count(`${name}.missed`) <= Math.ceil(7200 / period), name);
  }
  const [, second = 0] = heaps;
  const grown = (heaps.at(-1) ?? 0) - second;
  const times = [...week.times.values()].reduce((sum, { length }) => sum + length, 0);
  context.diagnostic(`${times} runs, heap grew by ${Math.round(grown / 1024)} KiB in five days`);
  // What the test itself keeps are the times of the runs.
  assert.ok(grown < 4 * 2 ** 20 + 64 * times, `${grown} bytes`);
});
