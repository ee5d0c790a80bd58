import assert from "node:assert/strict";
import { test } from "node:test";
import { PoolFixture } from "../sql/pool_fixture.js";
import { startTestServer } from "./running_server.js";

test("the tables are listed with described columns", async (t) => {
  const server = await startTestServer(t);
  const { tables } = JSON.parse(await (await server.get("/v1/tables")).text());
  const events = tables.find((table: { name: string }) => table.name === "process_events");
  assert.equal(events.kind, "event");
  const eid = events.columns.find((column: { name: string }) => column.name === "eid");
  assert.equal(eid.hidden, true);
  assert.ok(eid.description.length > 10);
});

test("one table is answered by name, and an unknown one is table_missing", async (t) => {
  const server = await startTestServer(t);
  const table = JSON.parse(await (await server.get("/v1/tables/socket_events")).text());
  assert.equal(table.name, "socket_events");
  const missing = await server.get("/v1/tables/nope");
  assert.equal(missing.status, 404);
  assert.equal(JSON.parse(await missing.text()).code, "table_missing");
});

test("the functions are listed that people may call, auditql's own among them", async (t) => {
  const server = await startTestServer(t);
  const { functions }: { functions: string[] } = JSON.parse(
    await (await server.get("/v1/functions")).text(),
  );
  for (const name of ["count", "regex_match", "json_extract"]) assert.ok(functions.includes(name));
  assert.ok(!functions.some((name) => /^(->|fts|load_extension)/.test(name)));
});

test("tables and views of the configuration are listed with their columns, while they work", async (t) => {
  const pool = new PoolFixture();
  t.after(() => pool.close());
  const config = {
    views: {
      logins: "select pid as number, name from processes",
      broken: "select nope from users",
    },
    auto_table_construction: {
      visits: { query: "select url from visits", path: "/nonexistent/%", columns: ["url"] },
    },
  };
  const server = await startTestServer(t, {
    runner: pool.pool,
    configText: JSON.stringify(config),
  });
  pool.pool.setUserTables(server.context.config().userTables);
  const { tables }: { tables: { name: string; kind: string; columns: { name: string }[] }[] } =
    JSON.parse(await (await server.get("/v1/tables")).text());
  const added = tables.filter(({ name }) => /^(logins|broken|visits)$/.test(name));
  assert.deepEqual(
    added.map(({ name, kind, columns }) => [name, kind, ...columns.map((column) => column.name)]),
    [
      ["visits", "state", "url", "path"],
      ["logins", "view", "number", "name"],
    ],
  );
  assert.equal((await server.get("/v1/tables/logins")).status, 200);
});

test("the schedule shows queries, their next and their last run", async (t) => {
  const usage = { userMs: 4, systemMs: 5, memoryBytes: 6 };
  const entry = {
    name: "pack_auditql_processes",
    pack: "auditql",
    description: "",
    sql: "select 1",
    intervalSeconds: 10,
    cron: null,
    nextRunAt: "2026-01-01T00:00:10.000Z",
    executions: 1,
    wallMs: 2,
    outputBytes: 300,
    usage,
    denylisted: false,
    eventTables: ["process_events"],
    lastRun: {
      startedAt: "2026-01-01T00:00:00.000Z",
      rows: 3,
      elapsedMs: 1.5,
      error: null,
      usage,
    },
  };
  const server = await startTestServer(t, { schedule: () => [entry, { ...entry, lastRun: null }] });
  const { schedule } = JSON.parse(await (await server.get("/v1/schedule")).text());
  assert.deepEqual(schedule, [entry, { ...entry, lastRun: null }]);
});

test("readyz tells the reasons only to a client with a token", async (t) => {
  const server = await startTestServer(t, {
    readiness: () => ({ ready: false, reasons: ["CAP_AUDIT_CONTROL is missing"] }),
  });
  const trusted = await server.get("/readyz");
  assert.equal(trusted.status, 503);
  assert.deepEqual(JSON.parse(await trusted.text()).reasons, ["CAP_AUDIT_CONTROL is missing"]);
  const anyone = await fetch(`${server.url}/readyz`);
  assert.deepEqual(JSON.parse(await anyone.text()), { ready: false });
});

test("the OpenAPI document describes every route with its body", async (t) => {
  const server = await startTestServer(t);
  const document = JSON.parse(await (await server.get("/v1/openapi.json")).text());
  assert.deepEqual(Object.keys(document.paths).sort(), [
    "/healthz",
    "/metrics",
    "/readyz",
    "/v1/capture",
    "/v1/config",
    "/v1/events/tail",
    "/v1/functions",
    "/v1/health",
    "/v1/openapi.json",
    "/v1/packs",
    "/v1/processes/{uuid}/tree",
    "/v1/queries",
    "/v1/queries/{id}",
    "/v1/query",
    "/v1/schedule",
    "/v1/session",
    "/v1/session/links",
    "/v1/tables",
    "/v1/tables/{name}",
    "/v1/top",
  ]);
  const { schema } = document.paths["/v1/query"].post.requestBody.content["application/json"];
  assert.ok(schema.properties.sql && schema.properties.limits && schema.properties.explain);
  for (const [path, methods] of Object.entries<Record<string, OpenApiRoute>>(document.paths)) {
    for (const [method, route] of Object.entries(methods)) {
      assert.ok(route.summary, `${method} ${path} has no summary`);
      const statuses = Object.keys(route.responses);
      assert.ok(
        statuses.some((status) => status.startsWith("2")),
        `${method} ${path}`,
      );
      assert.ok(statuses.includes("default"), `${method} ${path} says nothing of problems`);
    }
  }
});

interface OpenApiRoute {
  readonly summary?: string;
  readonly responses: Readonly<Record<string, unknown>>;
}

test("the configuration is shown without its secrets", async (t) => {
  const configText = JSON.stringify({
    auditql: {
      log: {
        loggers: {
          filesystem: {
            options: {
              url: "https://me:hunter2@logs.example/in?key=hunter2",
              headers: { authorization: "Bearer hunter2" },
            },
          },
        },
      },
    },
    schedule: { users: { query: "select 1", interval: 60 } },
  });
  const server = await startTestServer(t, { configText });
  const text = await (await server.get("/v1/config")).text();
  assert.doesNotMatch(text, /hunter2/);
  assert.match(text, /https:..\(redacted\)@logs\.example\/in\?\(redacted\)/);
  assert.match(text, /"statePath":"\//);
  const packs: { packs: { name: string; queries: unknown[] }[] } = JSON.parse(
    await (await server.get("/v1/packs")).text(),
  );
  assert.ok(packs.packs.some(({ name, queries }) => name === "main" && queries.length === 1));
});

test("health explains what is amiss, worst first", async (t) => {
  const counter = (stage: string, metric: string, reason: string, value: number) => ({
    stage,
    name: "audit",
    metric,
    reason,
    value,
  });
  const server = await startTestServer(t, {
    health: () => [
      counter("serve", "dropped", "host_refused", 2),
      counter("capture", "dropped", "kernel_lost", 7),
      counter("capture", "dropped", "enobufs", 0),
    ],
  });
  const { problems }: { problems: { severity: string; explanation: string; remedy: string }[] } =
    JSON.parse(await (await server.get("/v1/health")).text());
  assert.deepEqual(
    problems.map(({ severity }) => severity),
    ["error", "warning"],
  );
  assert.match(problems[0]?.explanation ?? "", /kernel_lost.* is 7/);
  assert.match(problems[0]?.remedy ?? "", /backlog_limit/);
});

test("a statement is explained instead of run", async (t) => {
  const server = await startTestServer(t);
  const answer = await server.post({ sql: "select * from users where uid = 0", explain: true });
  const { rows }: { rows: { detail: string }[] } = JSON.parse(await answer.text());
  assert.match(rows[0]?.detail ?? "", /SCAN users VIRTUAL TABLE/);
});
