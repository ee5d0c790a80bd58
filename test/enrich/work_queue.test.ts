import assert from "node:assert/strict";
import { test } from "node:test";
import { WorkQueue } from "../../src/enrich/work_queue.js";

interface Question {
  readonly name: string;
  readonly cost: number;
}

/** A line whose answers are given by the test. */
function lineOf(questions: Question[], capacity = 10) {
  const asked: string[] = [];
  const counts: string[] = [];
  const released: string[] = [];
  const troubles: unknown[] = [];
  const pending = new Map<string, { resolve(): void; reject(error: unknown): void }>();
  const line = new WorkQueue<Question>({
    take: (limit) => questions.splice(0, limit),
    capacity,
    cost: ({ cost }) => cost,
    answer: ({ name }) => {
      asked.push(name);
      return new Promise((resolve, reject) => {
        pending.set(name, { resolve: () => resolve("done"), reject });
      });
    },
    count: (what) => counts.push(what),
    onError: (error) => troubles.push(error),
    release: ({ name }) => released.push(name),
  });
  return { line, asked, counts, released, troubles, pending };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test("the cheapest question is answered first, of equals the oldest", async () => {
  const { line, asked, pending } = lineOf([
    { name: "dear", cost: 9 },
    { name: "first", cost: 1 },
    { name: "second", cost: 1 },
  ]);
  line.wake();
  for (const name of ["first", "second", "dear"]) {
    await turn();
    assert.equal(asked.at(-1), name);
    pending.get(name)?.resolve();
  }
  assert.equal(await line.settled(60_000), true);
});

test("it is settled when all that was asked before is answered, whatever comes then", async () => {
  const questions = [{ name: "a", cost: 2 }];
  const { line, pending } = lineOf(questions);
  const settled = line.settled(60_000);
  questions.push({ name: "b", cost: 1 });
  pending.get("a")?.resolve();
  assert.equal(await settled, true);
  await turn();
  assert.equal(await line.settled(1), false);
  pending.get("b")?.resolve();
  assert.equal(await line.settled(60_000), true);
});

test("a failed answer is counted and told, and the next one is given", async () => {
  const { line, counts, troubles, pending, released } = lineOf([
    { name: "a", cost: 1 },
    { name: "b", cost: 2 },
  ]);
  line.wake();
  pending.get("a")?.reject(new Error("no"));
  await turn();
  pending.get("b")?.resolve();
  assert.equal(await line.settled(60_000), true);
  assert.deepEqual(counts, ["failed", "done"]);
  assert.equal(troubles.length, 1);
  assert.deepEqual(released, ["a", "b"]);
});

test("it holds no more than its capacity, and releases at the end what it gives up", async () => {
  const questions = ["a", "b", "c"].map((name) => ({ name, cost: 1 }));
  const { line, pending, released } = lineOf(questions, 2);
  line.wake();
  assert.equal(questions.length, 1);
  const closed = line.close(60_000);
  pending.get("a")?.resolve();
  await closed;
  assert.deepEqual(released, ["a", "b"]);
});
