import assert from "node:assert/strict";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { DiskQueue } from "../../src/log/disk_queue.js";
import type { ResultLogger } from "../../src/log/logger.js";
import { QueuedLogger } from "../../src/log/queued_logger.js";
import { temporaryFolder } from "../config/temporary_folder.js";
import { Counts, numbered, results, until } from "./log_fixture.js";

const never = new Promise<void>(() => {});
const hanging: ResultLogger = { write: () => never, reopen: async () => {}, close: () => never };

async function open(context: TestContext, logger: ResultLogger, isLocal: boolean) {
  const folder = join(temporaryFolder(context), "queue");
  const queue = await DiskQueue.open(folder, 1 << 20);
  const counts = new Counts();
  const { counter } = counts;
  const queued = new QueuedLogger({ name: "l", logger, queue, isLocal, counter, onError() {} });
  return { folder, queued, counts };
}

/** What a next start finds in the queue. */
async function kept(folder: string): Promise<string[]> {
  const queue = await DiskQueue.open(folder, 1 << 20);
  const lines: string[] = [];
  for (let next = await queue.first(); next !== null; next = await queue.first()) {
    lines.push(...next.batch.lines.toString().split("\n").slice(0, -1));
    await queue.shift(next);
  }
  await queue.close();
  return lines;
}

for (const isLocal of [true, false]) {
  const kind = isLocal ? "local" : "remote";
  test(`a ${kind} logger that never answers is closed, its lines kept on disk`, async (context) => {
    const { folder, queued } = await open(context, hanging, isLocal);
    const accepted = [0, 1, 2].map((from) => queued.accept(results(...numbered(from, from + 1))));
    await sleep(20);
    await queued.close();
    await Promise.all(accepted);
    assert.deepEqual(await kept(folder), numbered(0, 3));
  });
}

test("what neither logger nor disk takes is refused at the end, and close() returns", async (context) => {
  const { folder, queued } = await open(context, hanging, true);
  const accepted = queued.accept(results("{}"));
  const refused = assert.rejects(accepted, /logger l is closed/);
  await sleep(20);
  rmSync(folder, { recursive: true });
  // A file in place of the folder takes no queue.
  mkdirSync(join(folder, "0000000001.queue"), { recursive: true });
  await queued.close();
  await refused;
});

test("a write under way at the end has its time, and is not written twice", async (context) => {
  const written: string[] = [];
  const slow: ResultLogger = {
    ...hanging,
    async write({ lines }) {
      await sleep(100);
      written.push(lines.toString().trim());
    },
    close: async () => {},
  };
  const { folder, queued, counts } = await open(context, slow, true);
  const accepted = queued.accept(results("{}"));
  await sleep(10);
  await queued.close();
  await accepted;
  assert.deepEqual(written, ["{}"]);
  assert.deepEqual(await kept(folder), []);
  assert.equal(counts.get("l.written"), 1);
});

test("a local write that does not end holds nothing up: lines wait on disk until it has", async (context) => {
  let release = () => {};
  const first = new Promise<void>((resolve) => {
    release = resolve;
  });
  const written: string[] = [];
  let writes = 0;
  const stalling: ResultLogger = {
    async write({ lines }) {
      if (++writes === 1) await first;
      written.push(lines.toString().trim());
    },
    reopen: async () => {},
    close: async () => {},
  };
  const { queued, counts } = await open(context, stalling, true);
  await Promise.all([queued.accept(results("1")), queued.accept(results("2"))]);
  assert.equal(counts.get("l.queue_depth"), 2);
  assert.equal(writes, 1);
  release();
  await until(() => counts.get("l.queue_depth") === 0);
  // The one that stalled arrives once more: nobody could know that it would.
  assert.deepEqual(written, ["1", "1", "2"]);
  await queued.close();
});
