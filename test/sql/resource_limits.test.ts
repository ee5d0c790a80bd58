import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import { test } from "node:test";
import { endlessQuery, request, resultOf, skip, testLimits, withPool } from "./pool_fixture.js";

/** A tenth of a processor, which no query that waits takes. */
const cpu = { maxShare: 0.1 / availableParallelism(), sustainedMs: 200 };
/** So little that a query is beyond it however few of its turns a busy host gives it. */
const leastCpu = { maxShare: 0.001 / availableParallelism(), sustainedMs: 200 };

test("a query that keeps the processors busy for too long is ended", { skip }, () =>
  withPool({}, async ({ pool }) => {
    const limits = { ...testLimits, cpu: leastCpu };
    const { outcome } = await resultOf(pool.run(request(endlessQuery, { limits })));
    assert.equal(outcome.error?.code, "query_cpu");
    assert.match(outcome.error?.message ?? "", /for 200 ms/);
  }),
);

test("a query that waits uses no processor, however long it takes", { skip }, () =>
  withPool({}, async ({ pool }) => {
    // A worker's first query makes Node compile.
    await resultOf(pool.run(request("select sleep(0) as x")));
    const limits = { ...testLimits, cpu };
    const { text, outcome } = await resultOf(pool.run(request("select sleep(1) as x", { limits })));
    assert.equal(outcome.error, null);
    assert.notEqual(text, "");
  }),
);

test("what a query took is told with its outcome, also when it was ended", { skip }, () =>
  withPool({}, async ({ pool }) => {
    const busy = `with recursive n(i) as (select 1 union all select i + 1 from n limit 3000000)
      select max(i) from n`;
    const { outcome } = await resultOf(pool.run(request(busy)));
    assert.ok((outcome.usage?.userMs ?? 0) >= 50, JSON.stringify(outcome.usage));
    const limits = { ...testLimits, cpu: leastCpu };
    const { usage } = (await resultOf(pool.run(request(endlessQuery, { limits })))).outcome;
    assert.ok((usage?.userMs ?? 0) + (usage?.systemMs ?? 0) > 0, JSON.stringify(usage));
  }),
);
