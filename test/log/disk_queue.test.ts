import assert from "node:assert/strict";
import { appendFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { DiskQueue } from "../../src/log/disk_queue.js";
import type { LogBatch } from "../../src/schedule/result_sink.js";
import { temporaryFolder } from "../config/temporary_folder.js";
import { numbered, results } from "./log_fixture.js";

const manyBytes = 1 << 26;

async function drain(queue: DiskQueue): Promise<string[]> {
  const lines: string[] = [];
  for (let batch = await take(queue); batch !== null; batch = await take(queue)) {
    lines.push(...batch.lines.toString("utf8").split("\n").slice(0, -1));
  }
  return lines;
}

async function take(queue: DiskQueue): Promise<LogBatch | null> {
  const oldest = await queue.first();
  if (oldest !== null) await queue.shift(oldest);
  return oldest?.batch ?? null;
}

test("batches come out in order, as they went in", async (context) => {
  const queue = await DiskQueue.open(temporaryFolder(context), manyBytes);
  await queue.append(results("a", "b"));
  const snapshot = { ...results("c"), kind: "snapshots", query: "other", pack: "p" } as const;
  await queue.append(snapshot);
  assert.deepEqual(queue.depth.lines, 3);
  assert.deepEqual(await take(queue), results("a", "b"));
  assert.deepEqual(await take(queue), snapshot);
  assert.equal(await take(queue), null);
  assert.equal(queue.isEmpty, true);
  await queue.close();
});

test("another process goes on with what is left, after a torn write too", async (context) => {
  const folder = temporaryFolder(context);
  const first = await DiskQueue.open(folder, manyBytes);
  for (const line of numbered(0, 5)) await first.append(results(line));
  await take(first);
  await take(first);
  const [file = ""] = readdirSync(folder).filter((name) => name.endsWith(".queue"));
  appendFileSync(
    join(folder, file),
    '{"kind":"results","query":"q","pack":"main","count":1,"bytes":9}\ntorn',
  );
  const second = await DiskQueue.open(folder, manyBytes);
  assert.equal(second.depth.lines, 3);
  await second.append(results(...numbered(5, 6)));
  assert.deepEqual(await drain(second), numbered(2, 6));
  await second.close();
  await first.close();
});

test("a full queue drops its oldest lines and says how many", async (context) => {
  const maxBytes = 10 * 1024 * 1024;
  const queue = await DiskQueue.open(temporaryFolder(context), maxBytes);
  const megabyte = "x".repeat(1024 * 1024);
  let dropped = 0;
  for (let number = 0; number < 20; number++)
    dropped += await queue.append(results(`${number}${megabyte}`));
  assert.ok(queue.depth.bytes <= maxBytes);
  const left = (await drain(queue)).map((line) => Number.parseInt(line, 10));
  assert.equal(left.length + dropped, 20);
  assert.deepEqual(
    left,
    Array.from({ length: left.length }, (_, index) => dropped + index),
  );
  await queue.close();
});

test("a batch that was dropped while it was being delivered takes no other with it", async (context) => {
  const megabyte = "x".repeat(1024 * 1024);
  const queue = await DiskQueue.open(temporaryFolder(context), 10 * 1024 * 1024);
  await queue.append(results(`0${megabyte}`));
  const oldest = await queue.first();
  assert.ok(oldest !== null);
  let dropped = 0;
  for (let number = 1; dropped === 0; number++)
    dropped += await queue.append(results(`${number}${megabyte}`));
  const before = queue.depth;
  await queue.shift(oldest);
  assert.deepEqual(queue.depth, before);
  assert.equal(Number.parseInt((await drain(queue))[0] ?? "", 10), dropped);
  await queue.close();
});
