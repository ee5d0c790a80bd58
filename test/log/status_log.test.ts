import assert from "node:assert/strict";
import { test } from "node:test";
import { StatusLog } from "../../src/log/status_log.js";
import type { LogBatch } from "../../src/schedule/result_sink.js";
import { Counts } from "./log_fixture.js";

function open(changes: object = {}) {
  const stderr: string[] = [];
  const counts = new Counts();
  const status = new StatusLog({
    config: {
      disabled: false,
      minSeverity: 0,
      stderr: true,
      minStderr: 0,
      level: "info",
      ...changes,
    },
    hostIdentifier: () => "host1",
    version: "0.1.0",
    counter: counts.counter,
    writeStderr: (line) => void stderr.push(line),
  });
  const batches: LogBatch[] = [];
  const sink = { accept: async (batch: LogBatch) => void batches.push(batch) };
  const lines = () => batches.flatMap((batch) => batch.lines.toString().split("\n").slice(0, -1));
  return { status, stderr, counts, sink, lines };
}

test("lines that were said before there were loggers reach them, in osquery's JSON", async () => {
  const { status, sink, lines } = open();
  status.logger.child({ stage: "schedule" }).warn("one \u001b[0m");
  status.attach(sink);
  status.logger.error({ err: new Error("why") }, "two");
  await status.flushed();
  const [one = "", two = ""] = lines();
  assert.match(
    one,
    /^{"hostIdentifier":"host1","calendarTime":"\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4} UTC","unixTime":\d+,"severity":1,"filename":"schedule","line":0,"message":"one \\u001B\[0m","version":"0.1.0"}$/,
  );
  assert.equal(JSON.parse(two).message, "two: why");
  assert.equal(JSON.parse(two).severity, 2);
});

test("standard error and the loggers have their own lowest severity", async () => {
  const { status, stderr, sink, lines } = open({ minSeverity: 2, minStderr: 1 });
  status.attach(sink);
  status.logger.info("a");
  status.logger.warn("b");
  status.logger.error("c");
  await status.flushed();
  assert.deepEqual(
    stderr.map((line) => line.slice(-2, -1)),
    ["b", "c"],
  );
  assert.deepEqual(
    lines().map((line) => JSON.parse(line).message),
    ["c"],
  );
});

test("lines that wait for loggers are bounded and what is dropped is counted", async () => {
  const { status, counts, sink, lines } = open({ stderr: false });
  for (let index = 0; index < 1200; index++) status.logger.info(`line ${index}`);
  assert.equal(counts.get("status.dropped.queue_full"), 200);
  status.attach(sink);
  await status.flushed();
  assert.equal(lines().length, 1000);
});
