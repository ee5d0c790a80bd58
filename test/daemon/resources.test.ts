import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Resources } from "../../src/daemon/resources.js";

const never = new Promise<void>(() => {});

test("all is closed, newest first, whatever fails or never settles", async () => {
  const closed: string[] = [];
  const resources = new Resources();
  const add = (name: string, close: () => Promise<void> | void) =>
    resources.add(name, name, () => {
      closed.push(name);
      return close();
    });
  add("first", () => {});
  add("hangs", () => never);
  add("throws", () => {
    throw new Error("at once");
  });
  add("rejects", () => Promise.reject(new Error("later")));
  add("last", () => sleep(1));
  assert.deepEqual(await resources.close(300), {
    failures: ["rejects: later", "throws: at once"],
    late: ["hangs"],
  });
  assert.deepEqual(closed, ["last", "rejects", "throws", "hangs", "first"]);
});

test("one that hangs leaves its time to no other; each is tried", async () => {
  const resources = new Resources();
  const names = Array.from({ length: 5 }, (_, index) => `hangs ${index}`);
  for (const name of names) resources.add(name, name, () => never);
  resources.add("fails after its time", null, async () => {
    await sleep(400);
    throw new Error("nobody waits any more");
  });
  const { late } = await resources.close(0);
  assert.deepEqual(late, ["fails after its time", ...names.toReversed()]);
  // Its failure must not be one that nobody handles, which would end the process.
  await sleep(500);
});

test("what others may still use stays open when one of them hangs", async () => {
  const closed: string[] = [];
  const open = () => {
    const resources = new Resources();
    resources.add("the store", null, () => void closed.push("the store"), { mustBeAlone: true });
    return resources;
  };
  const hanging = open();
  hanging.add("hangs", null, () => never);
  await hanging.close(1);
  assert.deepEqual(closed, []);
  await open().close(1);
  assert.deepEqual(closed, ["the store"]);
});

test("what a start opens that a stop has overtaken is closed, and the start ends", async () => {
  const resources = new Resources();
  await resources.close(1);
  const closed: string[] = [];
  const open = () => resources.add("late", "late", (name) => void closed.push(name));
  assert.throws(open, { code: "stopping" });
  assert.deepEqual(closed, ["late"]);
});
