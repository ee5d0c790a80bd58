import assert from "node:assert/strict";
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { builtinLoggers } from "../../src/config/assemble_log.js";
import type { LogConfig } from "../../src/config/config.js";
import { allLoggers } from "../../src/log/all.js";
import { LogOutput } from "../../src/log/log_output.js";
import { temporaryFolder } from "../config/temporary_folder.js";
import { receiveHttp } from "./http_receiver.js";
import { Counts, logConfig, logger, numbered, readLines, results, until } from "./log_fixture.js";

async function open(context: TestContext, folder: string, changes: Partial<LogConfig> = {}) {
  const counts = new Counts();
  const troubles: string[] = [];
  const output = await LogOutput.open({
    config: logConfig(folder, changes),
    counter: counts.counter,
    onError: (message) => void troubles.push(message),
  });
  context.after(() => output.close());
  return { output, counts, troubles };
}

test("results and snapshots go to their files, status lines to one per severity", async (context) => {
  const folder = temporaryFolder(context);
  const { output, counts } = await open(context, folder);
  await output.accept(results("{}"));
  await output.accept({ ...results('{"snapshot":[]}'), kind: "snapshots" });
  const status = (severity: number, message: string) =>
    `{"hostIdentifier":"h","calendarTime":"","unixTime":1786052772,"severity":${severity},"filename":"schedule","line":0,"message":"${message}","version":"1"}`;
  await output.accept({ ...results(status(0, "one"), status(2, "two")), kind: "status" });
  const path = (name: string) => join(folder, "log", name);
  assert.deepEqual(readLines(path("osqueryd.results.log")), ["{}"]);
  assert.deepEqual(readLines(path("osqueryd.snapshots.log")), ['{"snapshot":[]}']);
  const thread = String(process.pid).padStart(5, " ");
  const error = `E0806 21:46:12.000000 ${thread} schedule:0] two`;
  assert.deepEqual(readLines(path("osqueryd.INFO")), [
    `I0806 21:46:12.000000 ${thread} schedule:0] one`,
    error,
  ]);
  assert.deepEqual(readLines(path("osqueryd.ERROR")), [error]);
  assert.equal(counts.get("filesystem.written"), 4);
});

test("lines wait on disk while the file cannot be written, and follow in order", async (context) => {
  const folder = temporaryFolder(context);
  const path = join(folder, "log/osqueryd.results.log");
  const { output, counts, troubles } = await open(context, folder);
  await output.accept(results(...numbered(0, 2)));
  rmSync(path);
  mkdirSync(path);
  await output.accept(results(...numbered(2, 4)));
  await output.accept(results(...numbered(4, 6)));
  assert.equal(counts.get("filesystem.queue_depth"), 4);
  rmSync(path, { recursive: true });
  await until(() => counts.get("filesystem.queue_depth") === 0);
  assert.deepEqual(readLines(path), numbered(2, 6));
  assert.ok(counts.get("filesystem.errors") >= 1);
  assert.match(troubles[0] ?? "", /^logger filesystem failed; .*EISDIR/);
  assert.equal(troubles.at(-1), "logger filesystem recovered");
});

test("when the queue has no room either, accept() waits and nothing is dropped", async (context) => {
  const folder = temporaryFolder(context);
  mkdirSync(join(folder, "log"));
  const path = join(folder, "log/osqueryd.results.log");
  symlinkSync("/dev/full", path);
  const { output, counts } = await open(context, folder);
  mkdirSync(join(folder, "queues/filesystem/0000000001.queue"));
  const accepted = output.accept(results("{}"));
  await until(() => counts.get("filesystem.errors") >= 2);
  rmSync(path);
  await accepted;
  assert.deepEqual(readLines(path), ["{}"]);
  assert.equal(counts.get("filesystem.dropped.queue_full"), 0);
});

test("a logger that is down holds up no other; its lines survive a restart", async (context) => {
  const folder = temporaryFolder(context);
  const received: string[] = [];
  // It keeps its port meanwhile, which another process could be given else.
  let isDown = true;
  const { url } = await receiveHttp(context, async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const lines = gunzipSync(Buffer.concat(chunks)).toString().split("\n").slice(0, -1);
    if (!isDown) received.push(...lines);
    response.writeHead(isDown ? 503 : 200).end();
  });
  const loggers = [logger("filesystem"), logger("http", { options: { url } })];
  const first = await open(context, folder, { loggers });
  for (const line of numbered(0, 10)) await first.output.accept(results(line));
  assert.equal(first.counts.get("http.queue_depth"), 10);
  assert.equal(first.counts.get("filesystem.written"), 10);
  await first.output.close();
  isDown = false;
  const second = await open(context, folder, { loggers });
  await second.output.accept(results(...numbered(10, 11)));
  await until(() => received.length === 11);
  assert.deepEqual(received, numbered(0, 11));
});

test("a receiver that does not answer holds up nobody", async (context) => {
  const folder = temporaryFolder(context);
  let requests = 0;
  const { url } = await receiveHttp(context, () => requests++);
  const options = { url, timeout_ms: 3_600_000 };
  const loggers = [logger("filesystem"), logger("http", { options })];
  const { output, counts } = await open(context, folder, { loggers });
  await output.accept(results(...numbered(0, 1)));
  await until(() => requests === 1);
  for (const line of numbered(1, 10)) await output.accept(results(line));
  assert.equal(counts.get("filesystem.written"), 10);
  assert.equal(counts.get("http.queue_depth"), 10);
});

test("filters choose lines by query and pack and change their fields", async (context) => {
  const folder = temporaryFolder(context);
  const filter = {
    queries: ["pack_a_*"],
    kinds: ["results" as const],
    remove_fields: ["secret"],
    rename_fields: { pid: "process.pid" },
  };
  const { output } = await open(context, folder, { loggers: [logger("filesystem", { filter })] });
  const line = '{"name":"x","columns":{"pid":"1","secret":"s"},"action":"added"}';
  await output.accept({ ...results(line), query: "pack_a_q" });
  await output.accept({ ...results(line), query: "pack_b_q" });
  assert.deepEqual(readLines(join(folder, "log/osqueryd.results.log")), [
    '{"name":"x","columns":{"process.pid":"1"},"action":"added"}',
  ]);
});

test("the configuration knows each logger that there is", () => {
  assert.deepEqual(
    allLoggers.map(({ name }) => name),
    builtinLoggers,
  );
});

test("a logger that does not exist is named with those that do", async (context) => {
  const loggers = [logger("filesystm")];
  await assert.rejects(open(context, temporaryFolder(context), { loggers }), {
    code: "logger_unknown",
    message: /Use one of filesystem, stdout, syslog, http/,
  });
});

test("wrong options of a logger are named with their place", async (context) => {
  const loggers = [logger("syslog", { options: { port: 0 } })];
  await assert.rejects(open(context, temporaryFolder(context), { loggers }), {
    code: "logger_broken",
    message: "auditql.log.loggers.syslog.options.port must be >= 1.",
  });
});

const moduleText = `export default {
  name: "mine", options: { type: "object" }, isLocal: true,
  async open(options) {
    return {
      async write(batch) { globalThis.receivedByModule.push(options.tag + batch.lines.toString()); },
      async reopen() {}, async close() {},
    };
  },
};`;

test("a logger of one's own is an ES module that only its owner can change", async (context) => {
  const folder = temporaryFolder(context);
  const received: string[] = [];
  Object.assign(globalThis, { receivedByModule: received });
  const module = join(folder, "mine.mjs");
  writeFileSync(module, moduleText, { mode: 0o600 });
  const loggers = [logger("mine", { module, options: { tag: "t:" } })];
  const { output } = await open(context, folder, { loggers });
  await output.accept(results("{}"));
  assert.deepEqual(received, ["t:{}\n"]);
  const shared = join(folder, "shared.mjs");
  writeFileSync(shared, moduleText);
  chmodSync(shared, 0o666);
  const unsafe = [logger("mine", { module: shared })];
  await assert.rejects(open(context, temporaryFolder(context), { loggers: unsafe }), {
    code: "logger_broken",
    message: /writable by its owner only/,
  });
});

test("another configuration is taken over; one that cannot be opened leaves the old one", async (context) => {
  const folder = temporaryFolder(context);
  const { output } = await open(context, folder);
  await output.reconfigure(logConfig(folder, { resultsName: "second.log" }));
  await output.accept(results("{}"));
  await assert.rejects(output.reconfigure(logConfig(folder, { loggers: [logger("none")] })));
  await output.accept(results("[]"));
  assert.deepEqual(readLines(join(folder, "log/second.log")), ["{}", "[]"]);
});
