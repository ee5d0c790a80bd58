import assert from "node:assert/strict";
import { test } from "node:test";
import { pino } from "pino";
import { QueryLog } from "../../src/serve/query_log.js";
import type { QueryOutcome, QueryRequest } from "../../src/sql/query.js";

const limits = { timeoutMs: 1, maxRows: 1, maxBytes: 1, maxMemoryBytes: 1 };
const outcome = { rows: 3, bytes: 9, elapsedMs: 1, truncatedBy: null, error: null };
const requester = {
  isOwner: false,
  caller: "ann",
  peer: "127.0.0.1:1",
  origin: "http:ann",
  role: "read",
} as const;
const request = (sql: string, parameters: QueryRequest["parameters"] = []): QueryRequest => ({
  ...{ sql, parameters, format: "ndjson", limits, origin: "http:ann", role: "read" },
});

/** A log over a clock of its own; lines as they are written. */
function openLog() {
  const lines: { readonly sql: string; readonly repeats: number }[] = [];
  let now = 0;
  const logger = pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const log = new QueryLog(logger, () => now);
  const record = (sql: string, parameters?: QueryRequest["parameters"]) =>
    log.record(request(sql, parameters), requester, outcome as unknown as QueryOutcome);
  const wait = (ms: number) => {
    now += ms;
  };
  return { log, lines, record, wait };
}

test("a query that is repeated has one line a minute, which counts the others", () => {
  const { log, lines, record, wait } = openLog();
  for (let second = 0; second < 120; second += 3) {
    record("select poll");
    wait(3000);
  }
  assert.deepEqual(
    lines.map(({ repeats }) => repeats),
    [0, 19],
  );
  log.close();
  // What no line had told yet: 40 runs are two lines of their own and 38 repetitions.
  assert.deepEqual(
    lines.map(({ repeats }) => repeats),
    [0, 19, 19],
  );
});

test("another statement, another value and another end have lines of their own", () => {
  const { log, lines, record } = openLog();
  record("select ?", [1]);
  record("select ?", ["1"]);
  record("select ?, 2", [1]);
  const failed = { ...outcome, error: { code: "query_timeout", message: "" } };
  log.record(request("select ?", [1]), requester, failed as unknown as QueryOutcome);
  log.record(request("select ?", [1]), { ...requester, caller: "bob" }, outcome as never);
  assert.equal(lines.length, 5);
});
