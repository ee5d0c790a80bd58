import assert from "node:assert/strict";
import { test } from "node:test";
import { FairQueue, type FairQueueOptions } from "../../src/serve/limits/fair_queue.js";

function queueOf(options: Partial<FairQueueOptions> = {}): FairQueue {
  return new FairQueue({
    turns: 1,
    reserved: 0,
    maxWaiting: 8,
    maxWaitingBytes: 100,
    maxWaitMs: 60_000,
    onChange: () => {},
    ...options,
  });
}

test("callers are served by turns, however much one of them asks", async () => {
  const queue = queueOf();
  const order: string[] = [];
  const giveBack = await queue.take({ isOwner: false, caller: "a", bytes: 1 });
  const served = ["a1", "a2", "a3", "b1"].map(async (name) => {
    const done = await queue.take({ isOwner: false, caller: name.slice(0, 1), bytes: 1 });
    order.push(name);
    done();
  });
  giveBack();
  await Promise.all(served);
  assert.deepEqual(order, ["a1", "b1", "a2", "a3"]);
});

test("one caller takes half of the places, all of them together the whole", async () => {
  const counts: number[] = [];
  const queue = queueOf({ maxWaiting: 4, onChange: (_, waiting) => counts.push(waiting) });
  const giveBack = await queue.take({ isOwner: false, caller: "a", bytes: 1 });
  const waiting = ["a", "a", "b", "b"].map((caller) =>
    queue.take({ isOwner: false, caller, bytes: 1 }),
  );
  for (const caller of ["a", "c"]) {
    await assert.rejects(queue.take({ isOwner: false, caller, bytes: 1 }), {
      code: "too_many_queries",
    });
  }
  giveBack();
  await Promise.all(waiting.map(async (turn) => (await turn)()));
  assert.equal(Math.max(...counts), 4);
  assert.equal(counts.at(-1), 0);
  const again = await queue.take({ isOwner: false, caller: "a", bytes: 1 });
  again();
});

test("what waits is bounded in bytes, and gives them back when it goes", async () => {
  const queue = queueOf();
  await queue.take({ isOwner: false, caller: "a", bytes: 1 });
  const gone = new AbortController();
  // Of one caller, half of them.
  await assert.rejects(queue.take({ isOwner: false, caller: "a", bytes: 51 }), {
    code: "too_many_queries",
  });
  const large = queue.take({ isOwner: false, caller: "a", bytes: 50, signal: gone.signal });
  const other = queue.take({ isOwner: false, caller: "c", bytes: 50 });
  await assert.rejects(queue.take({ isOwner: false, caller: "b", bytes: 1 }), {
    code: "too_many_queries",
  });
  gone.abort();
  await assert.rejects(large, { code: "query_cancelled" });
  const next = queue.take({ isOwner: false, caller: "b", bytes: 1 });
  queue.close();
  await assert.rejects(other, { code: "worker_unavailable" });
  await assert.rejects(next, { code: "worker_unavailable" });
  await assert.rejects(queue.take({ isOwner: false, caller: "b", bytes: 1 }), {
    code: "worker_unavailable",
  });
});

test("one caller never takes all turns of several, whatever waits", async () => {
  const counts: number[] = [];
  const queue = queueOf({ turns: 3, onChange: (taken) => counts.push(taken) });
  const a = { isOwner: false, caller: "a", bytes: 1 };
  const first = await queue.take(a);
  await queue.take(a);
  const third = queue.take(a);
  assert.equal(counts.at(-1), 2);
  const b = await queue.take({ isOwner: false, caller: "b", bytes: 1 });
  b();
  assert.equal(counts.at(-1), 2, "what b gives back is not for a");
  first();
  await third;
  assert.equal(counts.at(-1), 2);
});

test("an owner of the host finds a turn of its own, and no more than one", async () => {
  const queue = queueOf({ turns: 2, reserved: 1, maxWaitMs: 20 });
  await queue.take({ isOwner: false, caller: "a", bytes: 1 });
  await queue.take({ isOwner: false, caller: "b", bytes: 1 });
  const root = { isOwner: true, caller: "uid:0", bytes: 1 };
  const giveBack = await queue.take(root);
  await assert.rejects(queue.take(root), { code: "too_many_queries" });
  await assert.rejects(queue.take({ isOwner: false, caller: "c", bytes: 1 }), {
    code: "too_many_queries",
  });
  const next = queue.take(root);
  giveBack();
  await next;
});
