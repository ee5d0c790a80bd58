import assert from "node:assert/strict";
import { after, type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { PoolFixture, skip } from "../sql/pool_fixture.js";
import { execRecords } from "./exec_records.js";
import { type RunningServer, sharedRunner, startTestServer } from "./running_server.js";

interface Message {
  readonly event: string;
  readonly id: string;
  readonly data: Readonly<Record<string, unknown>>;
}

let shared: PoolFixture | null = null;
after(() => shared?.close());

async function startWithEvents(t: TestContext, tails = 8) {
  shared ??= new PoolFixture();
  const { engine, pool } = shared;
  const server = await startTestServer(t, {
    runner: pool,
    eventBounds: (table) => engine.bounds(table),
    limitOverrides: { tails },
  });
  return { server, engine };
}

/** Follows events until the test ends. */
async function tail(t: TestContext, server: RunningServer, sql: string, more = "") {
  const abort = new AbortController();
  t.after(() => abort.abort());
  const answer = await fetch(`${server.url}/v1/events/tail?sql=${encodeURIComponent(sql)}${more}`, {
    headers: { authorization: `Bearer ${server.token}` },
    signal: abort.signal,
  });
  return { answer, messages: messagesOf(answer), abort };
}

async function* messagesOf(answer: Response): AsyncGenerator<Message> {
  assert.ok(answer.body !== null);
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of answer.body) {
    text += decoder.decode(chunk, { stream: true });
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const fields = new Map(
        text
          .slice(0, end)
          .split("\n")
          .map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
      );
      text = text.slice(end + 2);
      // A heartbeat: it comes when an answer is late.
      if (!fields.has("data")) continue;
      const data: Record<string, unknown> = JSON.parse(fields.get("data") ?? "{}");
      yield { event: fields.get("event") ?? "", id: fields.get("id") ?? "", data };
    }
  }
}

async function next(messages: AsyncGenerator<Message>): Promise<Message> {
  const { value } = await messages.next();
  assert.ok(value);
  return value;
}

test("an event that arrives is told, and only what the statement asks for; who asked is logged", {
  skip,
}, async (t) => {
  const { server, engine } = await startWithEvents(t);
  const sql = "select path from process_events where event_action = 'exec' and path like '/live/%'";
  const { messages, abort } = await tail(t, server, sql);
  const start = await next(messages);
  assert.equal(start.event, "start");
  assert.deepEqual(start.data["columns"], ["path"]);
  engine.feedLog(execRecords("/other/one").bytes);
  engine.feedLog(execRecords("/live/two").bytes);
  engine.finishLog();
  const rows = await next(messages);
  assert.equal(rows.event, "rows");
  assert.deepEqual(rows.data["rows"], [{ path: "/live/two" }]);
  abort.abort();
  const logged = () => server.log.find((entry) => entry["event"] === "tail");
  while (logged() === undefined) await sleep(10);
  const line = logged();
  assert.equal(line?.["sql"], sql);
  assert.equal(line?.["caller"], "token");
  assert.match(String(line?.["peer"]), /^127\.0\.0\.1:\d+$/);
});

test("a client that was cut off goes on after the event that it saw last", { skip }, async (t) => {
  const { server, engine } = await startWithEvents(t);
  const sql = "select path from process_events where path like '/again/%'";
  engine.feedLog(execRecords("/again/one").bytes);
  engine.finishLog();
  const seen = engine.bounds("process_events").nextEid - 1;
  engine.feedLog(execRecords("/again/two").bytes);
  engine.finishLog();
  const { messages } = await tail(t, server, sql, `&after=${seen}`);
  await next(messages);
  assert.deepEqual((await next(messages)).data["rows"], [{ path: "/again/two" }]);
});

test("only a statement over one event table can be followed", { skip }, async (t) => {
  const { server } = await startWithEvents(t);
  const statements = [
    "select * from users",
    "select * from process_events join socket_events using (pid)",
    "select * from process_events; select 1",
  ];
  for (const sql of statements) {
    const { answer } = await tail(t, server, sql);
    assert.equal(answer.status, 400, sql);
    assert.match(await answer.text(), /"code":"tail_refused"/);
  }
  const { answer } = await tail(t, server, "select nope from process_events");
  assert.match(await answer.text(), /"code":"sql_error"/);
});

test("clients that follow events are bounded, and leave with their connection", {
  skip,
}, async (t) => {
  const { server } = await startWithEvents(t, 4);
  const sql = "select pid from process_events";
  const first = await tail(t, server, sql);
  await next(first.messages);
  const second = await tail(t, server, sql);
  await next(second.messages);
  const third = await tail(t, server, sql);
  assert.equal(third.answer.status, 429);
  assert.match(await third.answer.text(), /"code":"too_many_tails"/);
  first.abort.abort();
  while (server.count("tails", "queue_depth") > 1) await sleep(10);
  assert.equal((await tail(t, server, sql)).answer.status, 200);
});

test("a process is shown with its timeline, and an unknown one is missing", { skip }, async (t) => {
  const { server, engine } = await startWithEvents(t);
  engine.feedLog(execRecords("/tree/one").bytes);
  engine.finishLog();
  const found = await server.post({
    sql: "select process_uuid from process_events where path = '/tree/one' limit 1",
  });
  const { rows }: { rows: { process_uuid: string }[] } = JSON.parse(await found.text());
  const answer = await server.get(`/v1/processes/${rows[0]?.process_uuid}/tree`);
  assert.equal(answer.status, 200);
  const tree: { process: { path: string }; timeline: { action: string }[] } = JSON.parse(
    await answer.text(),
  );
  assert.equal(tree.process.path, "/tree/one");
  assert.ok(tree.timeline.some(({ action }) => action === "exec"));
  assert.equal((await server.get("/v1/processes/none/tree")).status, 404);
});

test("kernel times of a process are told to the nanosecond", async (t) => {
  const runner = sharedRunner();
  const server = await startTestServer(t, {
    runner: {
      // Real rows of a moment that no log of the audit subsystem has.
      run: ({ parameters: _, ...request }) =>
        runner.run({ ...request, sql: "select 1700000000123456789 as ntime, '' as path" }),
      inspect: (sql) => runner.inspect(sql),
      running: () => runner.running(),
      cancel: (id) => runner.cancel(id),
      close: async () => {},
    },
  });
  const text = await (await server.get("/v1/processes/some/tree")).text();
  assert.equal(text.split('"ntime":1700000000123456789').length - 1, 5, text);
});

test("the executables with most events are told", { skip }, async (t) => {
  const { server, engine } = await startWithEvents(t);
  for (let n = 0; n < 5; n += 1) engine.feedLog(execRecords("/top/one").bytes);
  engine.finishLog();
  const answer = await server.get("/v1/top?by=path&seconds=600&limit=100");
  const { top }: { top: { value: string; events: number }[] } = JSON.parse(await answer.text());
  assert.equal(top.find(({ value }) => value === "/top/one")?.events, 5);
  assert.equal((await server.get("/v1/top?by=eid")).status, 400);
});
