import assert from "node:assert/strict";
import { test } from "node:test";
import { CpuBudget } from "../../src/enrich/cpu_budget.js";

function at(share: number, burstMs: number) {
  const clock = { nowMs: 0 };
  return { clock, budget: new CpuBudget({ share, burstMs, now: () => clock.nowMs }) };
}

test("a burst is free, and what it took beyond is paid back at the share", () => {
  const { clock, budget } = at(0.1, 100);
  assert.equal(budget.waitMs, 0);
  budget.spend(149);
  assert.equal(budget.waitMs, 500);
  clock.nowMs += 480;
  assert.ok(budget.waitMs > 0);
  clock.nowMs += 20;
  assert.equal(budget.waitMs, 0);
});

test("over a long time no more than the share is spent", () => {
  const { clock, budget } = at(0.25, 50);
  let spentMs = 0;
  while (clock.nowMs < 100_000) {
    const waitMs = budget.waitMs;
    clock.nowMs += waitMs;
    if (waitMs > 0) continue;
    budget.spend(7);
    clock.nowMs += 7;
    spentMs += 7;
  }
  assert.ok(spentMs <= 0.25 * 100_000 + 50 + 7, `${spentMs}`);
  assert.ok(spentMs >= 0.24 * 100_000, `${spentMs}`);
});

test("a pause saves up no more than a burst", () => {
  const { clock, budget } = at(0.5, 100);
  clock.nowMs += 1_000_000;
  budget.spend(101);
  assert.ok(budget.waitMs > 0);
});
