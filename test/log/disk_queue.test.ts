import assert from "node:assert/strict";
import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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

test("one byte of a batch that the disk has changed is noticed, and costs that batch alone", async (context) => {
  const whole = ['{"a":1}', '{"a":2}', '{"a":3}'];
  const folder = temporaryFolder(context);
  const queue = await DiskQueue.open(folder, manyBytes);
  for (const line of whole) await queue.append(results(line));
  await queue.close();
  const path = join(folder, "0000000001.queue");
  const bytes = readFileSync(path);
  for (const [what, at] of [
    ["a line", bytes.indexOf('"a":2')],
    ["a header", bytes.indexOf('"pack"', bytes.indexOf('"a":1'))],
  ] as const) {
    const damaged = Buffer.from(bytes);
    damaged[at + 1] = (damaged[at + 1] ?? 0) ^ 1;
    writeFileSync(path, damaged);
    const next = await DiskQueue.open(folder, manyBytes);
    const found: string[] = [];
    for (let first = await next.first(); first !== null; first = await next.first()) {
      found.push(first.batch.lines.toString().trim());
      await next.shift(first);
    }
    await next.close();
    assert.deepEqual(found, [whole[0], whole[2]], what);
    assert.equal(next.takeDamaged(), 1, what);
    assert.equal(next.isEmpty, true);
    rmSync(join(folder, "position"), { force: true });
  }
});

test("damage that is found only when a batch is read holds up no other", async (context) => {
  const folder = temporaryFolder(context);
  const queue = await DiskQueue.open(folder, manyBytes);
  for (const line of ["one", "two"]) await queue.append(results(line));
  const path = join(folder, "0000000001.queue");
  writeFileSync(path, readFileSync(path).fill(0x20, 0, 10));
  assert.equal((await queue.first())?.batch.lines.toString(), "two\n");
  assert.equal(queue.takeDamaged(), 1);
  await queue.close();
});
