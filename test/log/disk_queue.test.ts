import assert from "node:assert/strict";
import { appendFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { DiskQueue } from "../../src/log/disk_queue.js";
import { temporaryFolder } from "../config/temporary_folder.js";
import { numbered, results } from "./log_fixture.js";

const manyBytes = 1 << 26;

async function drain(queue: DiskQueue): Promise<string[]> {
  const lines: string[] = [];
  for (let batch = await queue.first(); batch !== null; batch = await queue.first()) {
    lines.push(...batch.lines.toString("utf8").split("\n").slice(0, -1));
    await queue.shift();
  }
  return lines;
}

test("batches come out in order, as they went in", async (context) => {
  const queue = await DiskQueue.open(temporaryFolder(context), manyBytes);
  await queue.append(results("a", "b"));
  const snapshot = { ...results("c"), kind: "snapshots", query: "other", pack: "p" } as const;
  await queue.append(snapshot);
  assert.deepEqual(queue.depth.lines, 3);
  assert.deepEqual(await queue.first(), results("a", "b"));
  await queue.shift();
  assert.deepEqual(await queue.first(), snapshot);
  await queue.shift();
  assert.equal(await queue.first(), null);
  assert.equal(queue.isEmpty, true);
  await queue.close();
});

test("another process goes on with what is left, after a torn write too", async (context) => {
  const folder = temporaryFolder(context);
  const first = await DiskQueue.open(folder, manyBytes);
  for (const line of numbered(0, 5)) await first.append(results(line));
  await first.shift();
  await first.shift();
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
