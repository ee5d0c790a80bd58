import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { hostPerTest, skipReason } from "./live_host.js";
import { type DelayedRow, measureDelays, streamingSchedule } from "./streaming_delays.js";

const skip = skipReason("streaming queries, live");
const processes = 12;

describe("a streaming query", { skip }, () => {
  const host = hostPerTest();

  test("logs each event once and in order, beside a query that comes at intervals", async (context) => {
    await host.start({
      config: {
        options: { logger_path: host.home.logPath, schedule_splay_percent: 101 },
        auditql: { state_path: host.home.statePath, http: { port: 0 }, log: {} },
        schedule: streamingSchedule(2),
      },
    });
    const { streamed, timed } = await measureDelays(host.home, { processes, maxPauseMs: 300 });
    for (const rows of [streamed, timed]) {
      assert.deepEqual(
        rows.map(({ number }) => number),
        Array.from({ length: processes }, (_, index) => index + 1),
      );
    }
    const [soon, late] = [medianDelay(streamed), medianDelay(timed)];
    context.diagnostic(
      `from the call to the log, median: ${soon.toFixed(0)} ms streamed, ${late.toFixed(0)} ms every 2 s`,
    );
  });
});

function medianDelay(rows: readonly DelayedRow[]): number {
  const sorted = rows.map(({ delayMs }) => delayMs).toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
