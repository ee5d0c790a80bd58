import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { eventually } from "../live/eventually.js";
import {
  endlessQuery,
  request,
  resultOf,
  skip,
  testLimits,
  uninterruptible,
  withPool,
} from "./pool_fixture.js";
import { workerPids } from "./worker_pids.js";

test("a query gives its rows and an outcome", { skip }, () =>
  withPool({}, async ({ pool, count }) => {
    const { text, outcome } = await resultOf(
      pool.run(request("select 1 as a, 'x' as b union all select 2, null")),
    );
    assert.equal(text, '{"a":1,"b":"x"}\n{"a":2,"b":null}\n');
    assert.equal(outcome.error, null);
    assert.deepEqual(outcome.columns, ["a", "b"]);
    assert.equal(outcome.rows, 2);
    assert.equal(outcome.bytes, text.length);
    assert.equal(pool.running().length, 0);
    void count;
  }),
);

test("state tables answer in a worker, with constraints and joins", { skip }, () =>
  withPool({}, async ({ pool }) => {
    const sql = `select p.pid, u.username, h.sha256 is not null as hashed
      from processes p join users u using (uid) join hash h on h.path = p.path
      where p.pid = ?`;
    const { text, outcome } = await resultOf(pool.run(request(sql, { parameters: [process.pid] })));
    assert.equal(outcome.error, null);
    const row: { pid: number; hashed: number } = JSON.parse(text);
    assert.equal(row.pid, process.pid);
    assert.equal(row.hashed, 1);
  }),
);

test("errors of the statement come back with their code", { skip }, () =>
  withPool({}, async ({ pool }) => {
    for (const sql of [
      "selec 1",
      "select * from nothing",
      "",
      "select * from file",
      "delete from users",
    ]) {
      const { text, outcome } = await resultOf(pool.run(request(sql)));
      assert.equal(text, "", sql);
      assert.equal(outcome.error?.code, "sql_error", sql);
    }
    const { outcome } = await resultOf(pool.run(request("select 1")));
    assert.equal(outcome.error, null);
    await assert.rejects(pool.inspect("selec"), { code: "sql_error" });
    const info = await pool.inspect("select pid, path from process_events where pid = ?");
    assert.deepEqual(info.columns, ["pid", "path"]);
    assert.deepEqual(info.eventTables, ["process_events"]);
    assert.equal(info.parameterCount, 1);
  }),
);

test("several statements are one result, with one outcome", { skip }, () =>
  withPool({}, async ({ pool }) => {
    const sql =
      "select 2 as b, null as a; select name as c from pragma_collation_list where 0; select 'x' as c";
    const { text, outcome } = await resultOf(pool.run(request(sql, { format: "osquery" })));
    assert.equal(text, '{"a":"","b":"2"}\n{"c":"x"}\n');
    assert.deepEqual(outcome.columns, ["b", "a", "c"]);
    assert.equal(outcome.rows, 2);
    const failing = await resultOf(pool.run(request("select 1; select * from nowhere")));
    assert.equal(failing.text, "");
    assert.match(failing.outcome.error?.message ?? "", /no such table: nowhere/);
  }),
);

test("an endless query is stopped at its deadline while others answer", { skip }, () =>
  withPool({ graceMs: testLimits.timeoutMs }, async (fixture) => {
    const { pool } = fixture;
    await resultOf(pool.run(request("select 1")));
    const endless = pool.run(request(endlessQuery, { limits: { ...testLimits, timeoutMs: 1500 } }));
    const ending = resultOf(endless);
    let answered = 0;
    let isRunning = true;
    void endless.outcome.then(() => {
      isRunning = false;
    });
    while (isRunning) {
      const { outcome } = await resultOf(pool.run(request("select count(*) from users")));
      assert.equal(outcome.error, null);
      answered++;
    }
    const { outcome } = await ending;
    assert.equal(outcome.error?.code, "query_timeout");
    assert.ok(answered > 0, `${answered} answered`);
    assert.equal(fixture.count("timeouts"), 1);
    assert.equal(fixture.count("killed"), 0);
    console.log(`# ${answered} queries answered beside an endless one`);
  }),
);

test("a call that cannot be interrupted is ended by killing its worker", { skip }, () =>
  withPool({ graceMs: 300 }, async (fixture) => {
    const limits = { ...testLimits, timeoutMs: 300 };
    const { outcome } = await resultOf(fixture.pool.run(request(uninterruptible, { limits })));
    assert.equal(outcome.error?.code, "query_timeout");
    const next = await resultOf(fixture.pool.run(request("select 7 as x")));
    assert.equal(next.text, '{"x":7}\n');
  }),
);

test("a slow consumer slows the query instead of filling memory", { skip }, () =>
  withPool({}, async ({ pool }) => {
    const sql = `with recursive n(i) as (select 1 union all select i + 1 from n limit 200000)
      select i, printf('%200d', i) as pad from n`;
    const query = pool.run(request(sql));
    const before = process.memoryUsage().rss;
    let bytes = 0;
    let peak = 0;
    for await (const chunk of query.output) {
      bytes += chunk.length;
      if (bytes < 2 ** 20) await delay(10);
      peak = Math.max(peak, process.memoryUsage().rss - before);
    }
    const outcome = await query.outcome;
    assert.equal(outcome.error, null);
    assert.equal(outcome.rows, 200_000);
    assert.equal(bytes, outcome.bytes);
    console.log(`# ${bytes} bytes read, daemon grew by ${peak}`);
  }),
);

test("a worker that is killed in the middle gives an error, and is replaced", { skip }, () =>
  withPool({ maxAdhocWorkers: 1 }, async ({ pool }) => {
    await resultOf(pool.run(request("select 1")));
    const query = pool.run(request(endlessQuery));
    const ending = resultOf(query);
    const waiting = pool.run(request("select 2 as x"));
    await delay(50);
    const [pid, ...others] = workerPids();
    assert.ok(pid !== undefined && others.length === 0);
    process.kill(pid, "SIGKILL");
    const { outcome } = await ending;
    assert.equal(outcome.error?.code, "worker_died");
    assert.match(outcome.error?.message ?? "", /SIGKILL/);
    assert.equal((await resultOf(waiting)).text, '{"x":2}\n');
    assert.notDeepEqual(workerPids(), [pid]);
  }),
);

test("a query that takes too much memory ends with an error that says so", { skip }, () =>
  withPool({}, async ({ pool }) => {
    const limits = { ...testLimits, maxMemoryBytes: 64 * 2 ** 20 };
    const sql = `with recursive n(i) as (select 1 union all select i + 1 from n limit 50000000)
      select count(*) from (select distinct printf('%050d', i) from n)`;
    const { outcome } = await resultOf(pool.run(request(sql, { limits })));
    assert.equal(outcome.error?.code, "query_memory");
    assert.equal((await resultOf(pool.run(request("select 2 as x")))).text, '{"x":2}\n');
  }),
);

test("workers end with the pool, and idle ones after their time", { skip }, async () => {
  await withPool({ idleMs: 100 }, async ({ pool }) => {
    await resultOf(pool.run(request("select 1")));
    await pidsOnce(0);
    assert.equal((await resultOf(pool.run(request("select 2 as x")))).text, '{"x":2}\n');
  });
  assert.deepEqual(workerPids(), []);
});

test("workers that are kept ready are there at once, and outlive the time of idle ones", {
  skip,
}, async () => {
  await withPool({ idleMs: 20, warmScheduleWorkers: 1 }, async ({ pool }) => {
    const kept = await pidsOnce(1);
    await resultOf(pool.run(request("select 1", { role: "schedule" })));
    await delay(400);
    assert.deepEqual(workerPids(), kept);
    pool.keepScheduleWorkers(0);
    await pidsOnce(0);
  });
});

test("a query finds the ad-hoc worker that is kept ready, also while it starts, and after its end", {
  skip,
}, async () => {
  await withPool({ idleMs: 20, warmAdhocWorkers: 1 }, async ({ pool }) => {
    // Nobody waits for the worker that starts, so that no second one has to.
    await resultOf(pool.run(request("select 1")));
    const kept = await pidsOnce(1);
    await delay(200);
    await resultOf(pool.run(request("select 1")));
    assert.deepEqual(workerPids(), kept);
    const [pid] = kept;
    assert.ok(pid !== undefined);
    process.kill(pid, "SIGKILL");
    await otherThan(pid);
  });
});

test("a kept worker that holds much memory makes room for a fresh one", { skip }, async () => {
  await withPool({ idleMs: 20, warmAdhocWorkers: 1, leanBytes: 1 }, async ({ pool }) => {
    const [first] = await pidsOnce(1);
    await resultOf(pool.run(request("select 1")));
    await otherThan(first ?? 0);
  });
});

/** Processes of workers once there are so many of them. */
async function pidsOnce(count: number): Promise<readonly number[]> {
  const pids = await eventually(
    async () => workerPids(),
    (found) => found.length === count,
  );
  assert.equal(pids.length, count);
  return pids;
}

/** Waits until there is one worker, which is not that one. */
async function otherThan(pid: number): Promise<void> {
  const isOther = ([first, ...more]: readonly number[]) =>
    first !== undefined && first !== pid && more.length === 0;
  const pids = await eventually(async () => workerPids(), isOther);
  assert.ok(isOther(pids), `${pids}`);
}

test("workers end when the daemon is killed, in the middle of a query too", { skip }, async () => {
  const daemon = spawn(process.execPath, [join(import.meta.dirname, "orphaned_pool.js")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(daemon.stdout, "data");
  assert.ok(daemon.pid !== undefined);
  const workers = await eventually(
    async () => workerPids(daemon.pid),
    (found) => found.length === 2,
  );
  assert.equal(workers.length, 2);
  daemon.kill("SIGKILL");
  await once(daemon, "exit");
  const alive = await eventually(
    async () => workers.filter((pid) => existsSync(`/proc/${pid}`)),
    (found) => found.length === 0,
  );
  assert.deepEqual(alive, []);
});

test("the schedule keeps its worker when ad-hoc queries take all theirs", { skip }, () =>
  withPool({ maxAdhocWorkers: 1 }, async ({ pool }) => {
    const endless = pool.run(request(endlessQuery));
    const ending = resultOf(endless);
    const scheduled = await resultOf(pool.run(request("select 5 as x", { role: "schedule" })));
    assert.equal(scheduled.text, '{"x":5}\n');
    assert.equal(pool.running().length, 1);
    endless.cancel();
    await ending;
  }),
);

test("more queries than the queue takes are refused with query_queue_full", { skip }, () =>
  withPool({ maxAdhocWorkers: 1, maxQueued: 2 }, async (fixture) => {
    const queries = Array.from({ length: 5 }, () => fixture.pool.run(request("select 1 as x")));
    const results = await Promise.all(queries.map(resultOf));
    const codes = results.map(({ outcome }) => outcome.error?.code ?? "none");
    assert.deepEqual(codes.sort(), [
      "none",
      "none",
      "none",
      "query_queue_full",
      "query_queue_full",
    ]);
    assert.equal(fixture.count("queue_depth"), 0);
  }),
);

test("a worker that keeps too much memory is replaced, and none waits for it", { skip }, () =>
  withPool({ maxAdhocWorkers: 1, retireBytes: 1 }, async ({ pool }) => {
    const queries = [1, 2, 3].map((x) => pool.run(request("select ? as x", { parameters: [x] })));
    const texts = (await Promise.all(queries.map(resultOf))).map(({ text }) => text);
    assert.deepEqual(texts, ['{"x":1}\n', '{"x":2}\n', '{"x":3}\n']);
  }),
);

test("facts of the daemon reach workers that run and those that start later", { skip }, () =>
  withPool({}, async ({ pool }) => {
    pool.setDaemonRows(() => ({ osquery_info: [{ pid: 1, version: "1.2.3" }] }));
    const sql = "select version from osquery_info";
    assert.equal((await resultOf(pool.run(request(sql)))).text, '{"version":"1.2.3"}\n');
    pool.setDaemonRows(() => ({ osquery_info: [{ pid: 1, version: "1.2.4" }] }));
    assert.equal((await resultOf(pool.run(request(sql)))).text, '{"version":"1.2.4"}\n');
  }),
);

test("waiting for a worker ends when it has lasted too long, wherever it waits", { skip }, () =>
  withPool({ maxAdhocWorkers: 1 }, async ({ pool }) => {
    const error = { code: "too_many_queries", message: "waited too long" };
    // For a worker that starts.
    const early = await resultOf(pool.run(request("select 1", { wait: { maxMs: 0, error } })));
    assert.deepEqual(early.outcome.error, error);
    const busy = pool.run(request(endlessQuery, { wait: { maxMs: 600_000, error } }));
    await busy.begun;
    // For one that works.
    const late = await resultOf(pool.run(request("select 1", { wait: { maxMs: 10, error } })));
    assert.deepEqual(late.outcome.error, error);
    busy.cancel();
    assert.equal((await resultOf(busy)).outcome.error?.code, "query_cancelled");
  }),
);

test("while a worker is busy for long, the next one is made ready", { skip }, () =>
  withPool({ maxAdhocWorkers: 3, warmAdhocWorkers: 1 }, async (fixture) => {
    const busy = [fixture.pool.run(request(endlessQuery))];
    while (fixture.count("workers") < 2) await delay(20);
    busy.push(fixture.pool.run(request(endlessQuery)));
    while (fixture.count("workers") < 3) await delay(20);
    for (const query of busy) query.cancel();
    for (const query of busy) await resultOf(query);
  }),
);
