import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makeLineFilter } from "../../src/log/line_filter.js";
import { openLogger } from "../../src/log/open_logger.js";
import { decodeRecords, encodeRecord } from "../../src/log/queue_record.js";
import { StatusLog } from "../../src/log/status_log.js";
import type { LogBatch } from "../../src/schedule/result_sink.js";
import { temporaryFolder } from "../config/temporary_folder.js";
import { Counts, logConfig, logger, loggerContext } from "./log_fixture.js";

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
    now: () => 1_786_052_772_004_321,
  });
  const batches: LogBatch[] = [];
  const sink = { accept: async (batch: LogBatch) => void batches.push(batch) };
  const lines = () => batches.flatMap((batch) => batch.lines.toString().split("\n").slice(0, -1));
  return { status, stderr, counts, sink, lines, batches };
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

test("glog lines carry the microseconds, past a filter, the queue and into the file", async (context) => {
  const { status, stderr, batches } = open();
  status.attach({ accept: async (batch) => void batches.push(batch) });
  status.logger.info("a");
  await status.flushed();
  status.logger.child({ stage: "log" }).error("b");
  await status.flushed();
  const glog = (letter: string, text: string) =>
    `${letter}0806 21:46:12.004321 ${String(process.pid).padStart(5)} ${text}`;
  assert.deepEqual(stderr, [`${glog("I", "daemon:0] a")}\n`, `${glog("E", "log:0] b")}\n`]);
  const [first, second] = batches;
  assert.ok(first !== undefined && second !== undefined);
  const both = {
    ...first,
    lines: Buffer.concat([first.lines, second.lines]),
    count: 2,
    microseconds: [1, 4321],
  };
  const filtered = makeLineFilter({ min_severity: 2 })(both);
  assert.ok(filtered !== null);
  const [queued] = decodeRecords(encodeRecord(filtered)).records;
  assert.deepEqual(queued?.batch, { ...second, microseconds: [4321] });
  const folder = temporaryFolder(context);
  const { logger: opened } = await openLogger(logger("filesystem"), {
    ...loggerContext(logConfig(folder)),
    hostname: "host1",
  });
  await opened.write(queued.batch);
  await opened.close();
  assert.equal(
    readFileSync(join(folder, "log/osqueryd.INFO"), "utf8"),
    `${glog("E", "log:0] b")}\n`,
  );
});

test("a message is one line, whoever wrote a part of it", () => {
  const { status, stderr } = open();
  status.logger.info(
    "query: select 1\nI0806 21:46:12.004321     1 serve:0] forged \u001b[2J\u2028",
  );
  assert.equal(stderr.length, 1);
  const line = stderr[0] ?? "";
  assert.match(line, /select 1\\nI0806 .* forged \\u001b\[2J\\u2028\n$/);
  assert.equal(line.indexOf("\n"), line.length - 1);
});

test("lines that wait for loggers are bounded and what is dropped is counted", async () => {
  const { status, counts, sink, lines } = open({ stderr: false });
  for (let index = 0; index < 1200; index++) status.logger.info(`line ${index}`);
  assert.equal(counts.get("status.dropped.queue_full"), 200);
  status.attach(sink);
  await status.flushed();
  assert.equal(lines().length, 1000);
});
