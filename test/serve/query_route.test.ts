import assert from "node:assert/strict";
import { request } from "node:http";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { QueryRunner } from "../../src/sql/query.js";
import { type RunningServer, sharedRunner, startTestServer } from "./running_server.js";

const endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select i from n";

test("a JSON answer carries rows, columns and outcome", async (t) => {
  const server = await startTestServer(t);
  const answer = await server.post({ sql: "select 1 as a, 'x\ny' as b union all select 2, null" });
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get("content-type") ?? "", /^application\/json/);
  const body = JSON.parse(await answer.text());
  assert.deepEqual(body.rows, [
    { a: 1, b: "x\ny" },
    { a: 2, b: null },
  ]);
  assert.deepEqual(body.columns, ["a", "b"]);
  assert.equal(body.outcome.rows, 2);
  assert.equal(body.outcome.truncatedBy, null);
  assert.equal(body.outcome.error, null);
});

test("an empty result is valid JSON with its columns", async (t) => {
  const server = await startTestServer(t);
  const body = JSON.parse(await (await server.post({ sql: "select 1 as a where 0" })).text());
  assert.deepEqual(body.rows, []);
  assert.deepEqual(body.columns, ["a"]);
});

test("the detail of an error names what was probably meant", async (t) => {
  const server = await startTestServer(t);
  const details = ["select * from proceses", "select pidd from processes", "select uper('x')"].map(
    async (sql) => JSON.parse(await (await server.post({ sql })).text()).detail,
  );
  assert.deepEqual(await Promise.all(details), [
    'no such table: proceses. Did you mean "processes"?',
    'no such column: pidd. Did you mean "pid"?',
    'no such function: uper. Did you mean "upper"?',
  ]);
});

test("the last line of an NDJSON answer is the outcome", async (t) => {
  const server = await startTestServer(t);
  const answer = await server.post(
    { sql: "select 1 as outcome union all select 2" },
    { accept: "application/x-ndjson" },
  );
  const lines = (await answer.text()).trimEnd().split("\n");
  assert.equal(lines.length, 3);
  assert.deepEqual(JSON.parse(lines[0] ?? ""), { outcome: 1 });
  const last = JSON.parse(lines[2] ?? "");
  assert.deepEqual(last.columns, ["outcome"]);
  assert.equal(last.outcome.rows, 2);
});

test("parameters are bound by position and by name", async (t) => {
  const server = await startTestServer(t);
  const byPosition = await server.post({ sql: "select ? + ? as s", parameters: [1, 2] });
  assert.deepEqual(JSON.parse(await byPosition.text()).rows, [{ s: 3 }]);
  const byName = await server.post({ sql: "select :a as a", parameters: { a: "x" } });
  assert.deepEqual(JSON.parse(await byName.text()).rows, [{ a: "x" }]);
});

test("truncation by a row limit is told in JSON and NDJSON", async (t) => {
  const server = await startTestServer(t);
  for (const format of ["json", "ndjson"]) {
    const answer = await server.post({ sql: endless, limits: { maxRows: 5 }, format });
    assert.match(await answer.text(), /"truncatedBy":"rows"/);
  }
});

test("an error after the first byte is told in JSON and NDJSON", async (t) => {
  const server = await startTestServer(t);
  const sql = `select abs(i) from (${endless.replace("i + 1 from n", "-9223372036854775807 - 1 from n limit 2")})`;
  for (const format of ["json", "ndjson"]) {
    const answer = await server.post({ sql, format });
    assert.equal(answer.status, 200);
    const text = await answer.text();
    assert.match(text, /"error":{"code":"sql_error","message":"integer overflow"}/);
    for (const line of text.trimEnd().split("\n")) JSON.parse(line);
  }
});

test("a CSV answer that misses rows ends as a broken answer, never as a short one", async (t) => {
  const server = await startTestServer(t, {
    limitOverrides: {
      query: { timeoutMs: 600_000, maxRows: 5, maxBytes: 1e6, maxMemoryBytes: 1e9 },
    },
  });
  const broken = await server.post({ sql: endless, format: "csv" });
  await assert.rejects(broken.text());
  const expected = await server.post({ sql: endless, format: "csv", limits: { maxRows: 3 } });
  assert.equal(await expected.text(), "i\r\n1\r\n2\r\n3\r\n");
});

test("wrong SQL is a problem with code sql_error", async (t) => {
  const server = await startTestServer(t);
  const answer = await server.post({ sql: "selec 1" });
  assert.equal(answer.status, 400);
  assert.match(answer.headers.get("content-type") ?? "", /^application\/problem\+json/);
  const problem = JSON.parse(await answer.text());
  assert.equal(problem.code, "sql_error");
  assert.equal(problem.status, 400);
  assert.match(problem.detail, /syntax error/);
});

test("an unknown table is named in the problem", async (t) => {
  const server = await startTestServer(t);
  const problem = JSON.parse(await (await server.post({ sql: "select * from nope" })).text());
  assert.equal(problem.code, "sql_error");
  assert.match(problem.detail, /no such table: nope/);
});

test("a query that goes away with its client is cancelled", async (t) => {
  const server = await startTestServer(t);
  const give = new AbortController();
  const answer = await fetch(`${server.url}/v1/query`, {
    method: "POST",
    signal: give.signal,
    headers: { "content-type": "application/json", authorization: `Bearer ${server.token}` },
    body: JSON.stringify({ sql: endless, format: "ndjson" }),
  });
  await answer.body?.getReader().read();
  assert.equal(server.context.runner.running().length, 1);
  give.abort();
  while (server.context.runner.running().length > 0) await sleep(5);
  while (server.count("query", "running") > 0) await sleep(5);
});

test("a query is listed while it runs and ends by DELETE", async (t) => {
  const server = await startTestServer(t);
  const answer = await server.post({ sql: endless, format: "ndjson" });
  const id = answer.headers.get("auditql-query-id");
  const { queries } = JSON.parse(await (await server.get("/v1/queries")).text());
  assert.equal(queries.length, 1);
  assert.equal(queries[0].id, id);
  assert.equal(queries[0].origin, "http:token");
  const ended = await fetch(`${server.url}/v1/queries/${id}`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${server.token}` },
  });
  assert.equal(ended.status, 202);
  assert.match(await answer.text(), /"code":"query_cancelled"/);
  const again = await fetch(`${server.url}/v1/queries/${id}`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${server.token}` },
  });
  assert.equal(JSON.parse(await again.text()).code, "query_missing");
});

test("a query waits for its turn; one more than may wait is refused, and told when to come", async (t) => {
  const server = await startTestServer(t, {
    limitOverrides: { concurrentQueries: 1, waitingQueries: 2 },
  });
  const first = await server.post({ sql: endless, format: "ndjson" });
  const second = server.post({ sql: "select 41 + 1 as answer" });
  while (server.count("query", "queue_depth") === 0) await sleep(5);
  const third = await server.post({ sql: "select 1" });
  assert.equal(third.status, 503);
  assert.equal(third.headers.get("retry-after"), "1");
  assert.equal(JSON.parse(await third.text()).code, "too_many_queries");
  assert.equal(server.count("http", "dropped", "too_many_queries"), 1);
  await first.body?.cancel();
  assert.deepEqual(JSON.parse(await (await second).text()).rows, [{ answer: 42 }]);
});

test("a query that waited too long is refused", async (t) => {
  const server = await startTestServer(t, {
    limitOverrides: { concurrentQueries: 1, queryWaitMs: 20 },
  });
  const first = await server.post({ sql: endless, format: "ndjson" });
  const second = await server.post({ sql: "select 1" });
  assert.equal(second.status, 503);
  assert.equal(JSON.parse(await second.text()).code, "too_many_queries");
  await first.body?.cancel();
});

test("a query whose client goes away while it waits never runs", async (t) => {
  const server = await startTestServer(t, { limitOverrides: { concurrentQueries: 1 } });
  const first = await server.post({ sql: endless, format: "ndjson" });
  const give = new AbortController();
  const second = fetch(`${server.url}/v1/query`, {
    method: "POST",
    signal: give.signal,
    headers: { "content-type": "application/json", authorization: `Bearer ${server.token}` },
    body: JSON.stringify({ sql: "select 1" }),
  });
  while (server.count("query", "queue_depth") === 0) await sleep(5);
  give.abort();
  await assert.rejects(second);
  while (server.count("query", "queue_depth") > 0) await sleep(5);
  assert.equal(server.count("query", "seen"), 1);
  await first.body?.cancel();
});

test("1,000 small queries at once are all answered", async (t) => {
  // However long they take, none gives up.
  const server = await startTestServer(t, { limitOverrides: { queryWaitMs: 600_000 } });
  const asked = Array.from({ length: 1000 }, async (_, x) => {
    const answer = await server.post({ sql: "select ? as x", parameters: [x] });
    return JSON.parse(await answer.text()).rows[0].x;
  });
  assert.deepEqual(
    await Promise.all(asked),
    Array.from({ length: 1000 }, (_, x) => x),
  );
  assert.equal(server.count("http", "dropped", "too_many_queries"), 0);
});

test("a request cannot raise its limits above the ceiling", async (t) => {
  const server = await startTestServer(t, {
    limitOverrides: {
      queryCeiling: { timeoutMs: 600_000, maxRows: 4, maxBytes: 1e6, maxMemoryBytes: 1e9 },
    },
  });
  const answer = await server.post({ sql: endless, limits: { maxRows: 1e9 } });
  assert.equal(JSON.parse(await answer.text()).outcome.rows, 4);
});

/** The shared workers; `count` is told of the bytes that are taken from them. */
function countedRunner(count: (bytes: number) => void): QueryRunner {
  const runner = sharedRunner();
  async function* counted(output: AsyncIterable<Buffer>) {
    for await (const chunk of output) {
      count(chunk.length);
      yield chunk;
    }
  }
  return {
    run(request) {
      const query = runner.run(request);
      const { id, startedAt, begun, outcome, output } = query;
      const cancel = () => query.cancel();
      return { id, request, startedAt, begun, outcome, cancel, output: counted(output) };
    },
    inspect: (sql) => runner.inspect(sql),
    running: () => runner.running(),
    cancel: (id) => runner.cancel(id),
    close: () => runner.close(),
  };
}

test("a client that stops reading loses its query, and nothing is piled up for it", async (t) => {
  let taken = 0;
  const runner = countedRunner((bytes) => {
    taken += bytes;
  });
  const limitOverrides = { stalledClientMs: 500 };
  const server = await startTestServer(t, { runner, limitOverrides });
  const body = JSON.stringify({
    sql: endless.replace("select i from n", "select i, hex(zeroblob(50000)) from n"),
    format: "ndjson",
  });
  const call = request(`${server.url}/v1/query`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${server.token}` },
  });
  call.on("response", (answer) => answer.pause());
  call.on("error", () => {});
  call.end(body);
  while (server.count("http", "dropped", "client_stalled") === 0) await sleep(20);
  // The kernel holds some megabytes for both ends of a connection; the query has no end.
  assert.ok(taken < 32 * 2 ** 20, `${taken} bytes were taken from the worker`);
  while (server.context.runner.running().length > 0) await sleep(5);
  call.destroy();
});

test("every ad-hoc query is logged with who, what, rows and time", async (t) => {
  const server = await startTestServer(t);
  await (await server.post({ sql: "select 1" })).text();
  const logged = () => server.log.find((entry) => entry["event"] === "query");
  while (logged() === undefined) await sleep(5);
  const line = logged();
  assert.equal(line?.["sql"], "select 1");
  assert.equal(line?.["rows"], 1);
  assert.match(String(line?.["peer"]), /^127\.0\.0\.1:\d+$/);
  assert.equal(line?.["caller"], "token");
  assert.equal(typeof line?.["elapsedMs"], "number");
});

/** Sends parameters as text, as a client of another language would write them. */
async function sendParameters(server: RunningServer, sql: string, parameters: string) {
  const answer = await server.post(`{"sql":${JSON.stringify(sql)},"parameters":${parameters}}`);
  return { status: answer.status, text: await answer.text() };
}

test("numbers of parameters are exact, and of the type that they are written in", async (t) => {
  const server = await startTestServer(t);
  // Text, and type and text as SQLite reads the same JSON.
  for (const [number, type, shown] of [
    ["9223372036854775807", "integer", "9223372036854775807"],
    ["-9223372036854775808", "integer", "-9223372036854775808"],
    ["9007199254740991", "integer", "9007199254740991"],
    ["9007199254740993", "integer", "9007199254740993"],
    ["-9007199254740993", "integer", "-9007199254740993"],
    ["0", "integer", "0"],
    ["-0", "integer", "0"],
    ["1.5", "real", "1.5"],
    ["1e3", "real", "1000.0"],
    ["1.0", "real", "1.0"],
    ["-2E-1", "real", "-0.2"],
  ] as const) {
    for (const [sql, parameters] of [
      ["select typeof(?1) || ' ' || cast(?1 as text) as x", `["\\"1", ${number}]`],
      ["select typeof(:n) || ' ' || cast(:n as text) as x", `{"n": ${number}, "m": "7"}`],
    ] as const) {
      const isList = parameters.startsWith("[");
      const statement = isList ? sql.replaceAll("?1", "?2") : `${sql}, :m as m`;
      const { text } = await sendParameters(server, statement, parameters);
      assert.equal(JSON.parse(text).rows?.[0]?.x, `${type} ${shown}`, text);
    }
  }
  const row = await sendParameters(server, "select ? as a, ? as b", "[9223372036854775807, null]");
  assert.match(row.text, /"a":9223372036854775807,"b":null/);
});

test("numbers that no column holds are refused, and say how to send them", async (t) => {
  const server = await startTestServer(t);
  for (const number of ["9223372036854775808", "-9223372036854775809", "1".repeat(300), "1e400"]) {
    const { status, text } = await sendParameters(server, "select ? as x", `[${number}]`);
    assert.equal(status, 400, number);
    assert.match(text, /"code":"request_invalid"/);
  }
});

test("parameters that are missing, unnamed or too many are refused", async (t) => {
  const server = await startTestServer(t);
  for (const [sql, parameters, message] of [
    ["select ? a, :b b", "[1]", /1 parameters were given, but 2 are required/],
    ["select ? a", "[]", /0 parameters were given, but 1 are required/],
    ["select ? a", "[1,2]", /2 parameters were given, but 1 are required/],
    ["select :a, :b", '{"a":1}', /missing value of parameter :b/],
    ["select :a", '{"a":1,"c":2}', /no parameter is named c/],
    ["select :a, ?", '{"a":1}', /parameter 2 has no name/],
  ] as const) {
    const { status, text } = await sendParameters(server, sql, parameters);
    assert.equal(status, 400, sql);
    assert.match(text, message);
  }
  const explained = await server.post({ sql: "select * from file where path = ?", explain: true });
  assert.equal(explained.status, 200);
});
