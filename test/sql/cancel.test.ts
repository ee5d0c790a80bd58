import assert from "node:assert/strict";
import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { temporaryFolder } from "../config/temporary_folder.js";
import {
  endlessQuery,
  request,
  resultOf,
  skip,
  testLimits,
  uninterruptible,
  unpreparable,
  withPool,
} from "./pool_fixture.js";
import { workerPids } from "./worker_pids.js";

test("cancel ends a query soon and leaves its worker to the next", { skip }, () =>
  withPool({ maxAdhocWorkers: 1, cancelGraceMs: 600_000 }, async (fixture) => {
    const { pool } = fixture;
    await resultOf(pool.run(request("select 1")));
    const [pid] = workerPids();
    const delays: number[] = [];
    for (let round = 0; round < 20; round++) {
      const query = pool.run(request(endlessQuery));
      const ending = resultOf(query);
      await delay(20);
      const start = performance.now();
      assert.equal(pool.cancel(query.id), true);
      const { outcome } = await ending;
      delays.push(performance.now() - start);
      assert.equal(outcome.error?.code, "query_cancelled");
    }
    assert.equal(pool.cancel("q0"), false);
    assert.deepEqual(workerPids(), [pid]);
    assert.equal(fixture.count("killed"), 0);
    assert.equal(fixture.count("cancelled"), 20);
    console.log(`# cancelled within ${Math.max(...delays).toFixed(1)} ms at most`);
  }),
);

test("a cancelled query is answered though its worker does not look for the cancel", { skip }, () =>
  withPool({ cancelGraceMs: 600_000 }, async ({ pool }) => {
    await resultOf(pool.run(request("select 1")));
    const [pid] = workerPids();
    const query = pool.run(request(uninterruptible));
    const ending = resultOf(query);
    await delay(20);
    query.cancel();
    assert.equal((await ending).outcome.error?.code, "query_cancelled");
    assert.deepEqual(pool.running(), []);
    assert.deepEqual(workerPids(), [pid]);
  }),
);

test("a worker that goes on after a cancel is killed, and replaced", { skip }, () =>
  withPool({ cancelGraceMs: 10, maxAdhocWorkers: 1 }, async (fixture) => {
    const { pool } = fixture;
    // Before the call begins, SQLite does look.
    for (let runMs = 50; fixture.count("cancel_kills") === 0; runMs *= 2) {
      const query = pool.run(request(uninterruptible));
      const ending = resultOf(query);
      await delay(runMs);
      query.cancel();
      assert.equal((await ending).outcome.error?.code, "query_cancelled");
      assert.equal((await resultOf(pool.run(request("select 3 as x")))).text, '{"x":3}\n');
    }
    assert.equal(fixture.count("killed"), 0);
  }),
);

test("a table that reads long between two rows ends with its query, not with its worker", {
  skip,
}, async (context) => {
  const path = join(temporaryFolder(context), "sparse");
  writeFileSync(path, "");
  truncateSync(path, 2 ** 40);
  await withPool({ graceMs: 600_000, cancelGraceMs: 600_000 }, async (fixture) => {
    const { pool } = fixture;
    const sql = `select sha256 from hash where path = '${path}'`;
    const limits = { ...testLimits, timeoutMs: 300 };
    const { outcome } = await resultOf(pool.run(request(sql, { limits })));
    assert.equal(outcome.error?.code, "query_timeout");
    const query = pool.run(request(sql));
    const ending = resultOf(query);
    await delay(20);
    query.cancel();
    assert.equal((await ending).outcome.error?.code, "query_cancelled");
    assert.equal((await resultOf(pool.run(request("select 3 as x")))).text, '{"x":3}\n');
    assert.equal(fixture.count("killed") + fixture.count("cancel_kills"), 0);
  });
});

test(
  "a statement that takes too long to prepare ends with the error of the time limit",
  {
    skip,
  },
  () =>
    withPool({ graceMs: 200, inspectMs: 200, maxAdhocWorkers: 1 }, async (fixture) => {
      const { pool } = fixture;
      const limits = { ...testLimits, timeoutMs: 200 };
      const { outcome } = await resultOf(pool.run(request(unpreparable, { limits })));
      assert.equal(outcome.error?.code, "query_timeout");
      await assert.rejects(pool.inspect(unpreparable), { code: "query_timeout" });
      assert.equal((await resultOf(pool.run(request("select 3 as x")))).text, '{"x":3}\n');
    }),
);

test("a query that waits or whose worker starts can be cancelled", { skip }, () =>
  withPool({ maxAdhocWorkers: 1 }, async ({ pool }) => {
    const starting = pool.run(request("select 1"));
    const waiting = pool.run(request("select 2"));
    waiting.cancel();
    starting.cancel();
    assert.equal((await resultOf(waiting)).outcome.error?.code, "query_cancelled");
    assert.equal((await resultOf(starting)).outcome.error?.code, "query_cancelled");
    assert.equal((await resultOf(pool.run(request("select 3 as x")))).text, '{"x":3}\n');
  }),
);

test("a consumer that leaves early cancels the query", { skip }, () =>
  withPool({ maxAdhocWorkers: 1 }, async ({ pool }) => {
    const sql = `with recursive n(i) as (select 1 union all select i + 1 from n)
      select i, printf('%100d', i) as pad from n`;
    const query = pool.run(request(sql));
    for await (const chunk of query.output) {
      assert.ok(chunk.length > 0);
      break;
    }
    assert.equal((await query.outcome).error?.code, "query_cancelled");
    assert.equal((await resultOf(pool.run(request("select 3 as x")))).text, '{"x":3}\n');
  }),
);
