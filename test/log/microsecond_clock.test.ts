import assert from "node:assert/strict";
import { test } from "node:test";
import { createMicrosecondClock } from "../../src/log/microsecond_clock.js";

/** A host whose clock has microseconds that `Date.now()` does not tell. */
function host() {
  const times = { wallUs: 1_786_052_772_000_650, monotonicUs: 5_000_300 };
  const clock = createMicrosecondClock(
    () => Math.floor(times.wallUs / 1000),
    () => times.monotonicUs / 1000,
  );
  const pass = (us: number) => {
    times.wallUs += us;
    times.monotonicUs += us;
  };
  return { times, clock, pass };
}

test("microseconds between two lines are told, and the error gets smaller with each", () => {
  const { times, clock, pass } = host();
  assert.equal(Math.floor(clock() / 1000), Math.floor(times.wallUs / 1000));
  for (let n = 0; n < 1000; n += 1) {
    pass(1337);
    clock();
  }
  const before = clock();
  pass(250);
  assert.ok(Math.abs(clock() - before - 250) <= 1);
  assert.ok(Math.abs(clock() - times.wallUs) <= 10, `${clock() - times.wallUs} us`);
});

test("a clock that is set, either way, is followed at once", () => {
  const { times, clock } = host();
  clock();
  for (const change of [3_600_000_000, -7_200_000_000]) {
    times.wallUs += change;
    assert.equal(Math.floor(clock() / 1000), Math.floor(times.wallUs / 1000));
  }
});
