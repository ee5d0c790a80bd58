import assert from "node:assert/strict";
import { request } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createServer } from "../../src/serve/server.js";
import { endlessQuery } from "../sql/pool_fixture.js";
import { startTestServer } from "./running_server.js";

test("a recursion without end is stopped at its limit while others are answered", async (t) => {
  const server = await startTestServer(t);
  const isRunning = () =>
    server.context.runner.running().some(({ request: { sql } }) => sql === endlessQuery);
  const gone = new AbortController();
  const endless = fetch(`${server.url}/v1/query`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${server.token}` },
    body: JSON.stringify({ sql: endlessQuery, limits: { timeoutMs: 600_000 } }),
    signal: gone.signal,
  });
  while (!isRunning()) await sleep(5);
  for (let n = 0; n < 10; n += 1) assert.equal((await server.get("/healthz")).status, 200);
  const other = await server.post({ sql: "select 1 as a" });
  assert.deepEqual(JSON.parse(await other.text()).rows, [{ a: 1 }]);
  assert.ok(isRunning());
  gone.abort();
  await assert.rejects(endless);
  const stopped = await server.post({ sql: endlessQuery, limits: { timeoutMs: 300 } });
  assert.equal(stopped.status, 504);
  assert.equal(JSON.parse(await stopped.text()).code, "query_timeout");
});

test("a hundred thousand rows pass through whole", async (t) => {
  const server = await startTestServer(t);
  const sql =
    "with recursive n(i) as (select 1 union all select i + 1 from n limit 100000) select i, hex(zeroblob(200)) as pad from n";
  const limits = { timeoutMs: 600_000 };
  const answer = await server.post({ sql, format: "ndjson", limits });
  let bytes = 0;
  let last = "";
  for await (const chunk of answer.body ?? []) {
    bytes += chunk.length;
    last = `${last}${Buffer.from(chunk).toString()}`.slice(-300);
  }
  assert.ok(bytes > 40_000_000);
  assert.match(last, /"outcome":{"rows":100000,/);
});

test("a client that leaves before the first row ends its query", async (t) => {
  const server = await startTestServer(t);
  const call = request(`${server.url}/v1/query`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${server.token}` },
  });
  call.on("error", () => {});
  call.end(JSON.stringify({ sql: endlessQuery }));
  while (server.context.runner.running().length === 0) await sleep(5);
  call.destroy();
  while (server.context.runner.running().length > 0) await sleep(5);
});

test("closing the server ends its queries before it is done", async (t) => {
  const { context, directory } = await startTestServer(t);
  const server = createServer(context);
  const path = join(directory, "closing.sock");
  await server.listenUnix({ path, gid: null });
  const call = request({
    socketPath: path,
    path: "/v1/query",
    method: "POST",
    headers: { "content-type": "application/json" },
  });
  call.on("error", () => {});
  call.end(JSON.stringify({ sql: endlessQuery }));
  while (context.runner.running().length === 0) await sleep(5);
  await server.close();
  assert.equal(context.runner.running().length, 0);
});
