import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import { test } from "node:test";
import { CpuWatch } from "../../src/sql/cpu_watch.js";

/** A watch over a tenth of a processor for a second, on a clock that the test moves. */
function watching() {
  let nowMs = 5_000;
  let usedMs = 0;
  const limit = { maxShare: 0.1 / availableParallelism(), sustainedMs: 1000 };
  const watch = new CpuWatch(limit, () => nowMs);
  /** What is said after so much time and use. */
  const look = (passedMs: number, moreMs: number) => {
    nowMs += passedMs;
    usedMs += moreMs;
    return watch.isExceeded({ userMs: usedMs, systemMs: 0, memoryBytes: 0 });
  };
  return { watch, look };
}

test("more than the share is too much once it has lasted, and less in between begins anew", () => {
  const { watch, look } = watching();
  assert.equal(watch.periodMs, 1000);
  assert.equal(look(600, 61), false);
  assert.equal(look(600, 59), false);
  assert.equal(look(600, 61), false);
  assert.equal(look(400, 41), true);
});

test("a look that is late allows for what was used meanwhile", () => {
  const { look } = watching();
  assert.equal(look(5000, 499), false);
  assert.equal(look(5000, 501), true);
});
