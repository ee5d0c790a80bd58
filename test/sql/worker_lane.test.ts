import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { noUserTables } from "../../src/sql/user_tables.js";
import { type LaneJob, WorkerLane } from "../../src/sql/worker_lane.js";
import type { WorkerProcess } from "../../src/sql/worker_process.js";
import { skip, testLimits, withPool } from "./pool_fixture.js";

/** Runs a test body with a lane of one worker. */
function withLane(
  use: (lane: WorkerLane) => Promise<void>,
  startMs = testLimits.timeoutMs,
): Promise<void> {
  return withPool({}, async ({ engine }) => {
    const { directory: storeDirectory } = engine.storeLocation();
    const lane = new WorkerLane({
      maxWorkers: 1,
      maxQueued: 10,
      idleMs: 60_000,
      startMs,
      retireBytes: 2 ** 30,
      leanBytes: 2 ** 30,
      spareWorkers: 0,
      process: { storeFd: null, heldFds: [], answerRead: async () => null },
      setup: () => ({
        storeDirectory,
        maxGrowthBytes: 2 ** 31,
        userTables: noUserTables,
        heldPaths: [],
        account: null,
        allowNetwork: false,
      }),
      onProblems: (problems) => assert.deepEqual(problems, []),
      onUnconfined: (reasons) => assert.deepEqual(reasons, []),
      daemonRows: () => ({}),
      onChange: () => {},
    });
    try {
      await use(lane);
    } finally {
      await lane.close();
    }
  });
}

/** Submits a job; resolves with the worker that it ran in. */
function runIn(lane: WorkerLane, run: (worker: WorkerProcess) => Promise<void> | void) {
  return new Promise<WorkerProcess>((resolve, reject) => {
    const job: LaneJob = {
      async run(worker) {
        await run(worker);
        resolve(worker);
      },
      refuse: ({ message }) => reject(new Error(message)),
    };
    lane.submit(job);
  });
}

const reason = { code: "worker_died", message: "killed by the test" };

const prepare = async (worker: WorkerProcess): Promise<void> => {
  const answer = await worker.ask({ kind: "inspect", sql: "select 1" });
  assert.equal(answer?.kind, "inspected");
};

test("a worker that answers while it is being killed gets no other job", { skip }, () =>
  withLane(async (lane) => {
    const first = runIn(lane, (worker) => worker.kill(reason));
    const second = runIn(lane, prepare);
    assert.notEqual((await first).pid, (await second).pid);
  }),
);

test("a job is not lost with a worker that ended while it rested", { skip }, () =>
  withLane(async (lane) => {
    const resting = await runIn(lane, prepare);
    // The lane lays it to rest when its job has returned.
    await setImmediate();
    resting.kill(reason);
    assert.notEqual((await runIn(lane, prepare)).pid, resting.pid);
  }),
);

test("a worker that is killed for a slow start is told of as such", { skip }, () =>
  withLane(async (lane) => {
    await assert.rejects(runIn(lane, prepare), {
      message:
        "The query's worker did not start within 0.001 s: the host is overloaded. Retry later.",
    });
  }, 1),
);

test("a worker that is killed because the daemon stops is told of as such", { skip }, async () => {
  let starting: Promise<unknown> = Promise.resolve();
  await withLane(async (lane) => {
    starting = assert.rejects(runIn(lane, prepare), { message: "The daemon is stopping." });
  });
  await starting;
});
