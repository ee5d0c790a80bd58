import assert from "node:assert/strict";
import { test } from "node:test";
import { calendarTime } from "../../src/schedule/result_format.js";
import { fileOf, ScheduleFixture } from "./schedule_fixture.js";

const host =
  '"hostIdentifier":"host1","calendarTime":"Thu Aug  6 21:46:10 2026 UTC","unixTime":1786052770';

const files = { query: "select path, size from files order by path", interval: 10 };

function withFiles(fixture: ScheduleFixture): void {
  fixture.store.database.exec(
    "CREATE TABLE files (path TEXT, size INTEGER); INSERT INTO files VALUES ('/a', 1), ('/b', NULL)",
  );
}

test("event format: one line per row, byte for byte as osquery", async (context) => {
  const fixture = new ScheduleFixture(context);
  withFiles(fixture);
  await fixture.start(fileOf({ q: files }, { schedule_epoch: 7 }));
  await fixture.passSeconds(10);
  assert.deepEqual(fixture.sink.lines(), [
    `{"name":"q",${host},"epoch":7,"counter":0,"numerics":false,"columns":{"path":"/a","size":"1"},"action":"added"}`,
    `{"name":"q",${host},"epoch":7,"counter":0,"numerics":false,"columns":{"path":"/b","size":""},"action":"added"}`,
  ]);
});

test("event format: rows that went away come first, the counter rises", async (context) => {
  const fixture = new ScheduleFixture(context);
  withFiles(fixture);
  await fixture.start(fileOf({ q: files }));
  fixture.clock.jumpTo(fixture.clock.now());
  await fixture.passSeconds(10);
  fixture.sink.clear();
  fixture.store.database.exec("UPDATE files SET size = 2 WHERE path = '/a'");
  await fixture.passSeconds(10);
  const later = host.replace("21:46:10", "21:46:20").replace("770", "780");
  assert.deepEqual(fixture.sink.lines(), [
    `{"name":"q",${later},"epoch":0,"counter":1,"numerics":false,"columns":{"path":"/a","size":"1"},"action":"removed"}`,
    `{"name":"q",${later},"epoch":0,"counter":1,"numerics":false,"columns":{"path":"/a","size":"2"},"action":"added"}`,
  ]);
});

test("batch format: one line per run", async (context) => {
  const fixture = new ScheduleFixture(context);
  withFiles(fixture);
  await fixture.start(fileOf({ q: files }, { logger_event_type: false }));
  await fixture.passSeconds(20);
  assert.deepEqual(fixture.sink.lines(), [
    `{"diffResults":{"removed":[],"added":[{"path":"/a","size":"1"},{"path":"/b","size":""}]},"name":"q",${host},"epoch":0,"counter":0,"numerics":false}`,
  ]);
});

test("snapshot format: all rows in one line, in the snapshots log", async (context) => {
  const fixture = new ScheduleFixture(context);
  withFiles(fixture);
  await fixture.start(fileOf({ q: { ...files, snapshot: true } }, { schedule_epoch: 3 }));
  await fixture.passSeconds(10);
  assert.deepEqual(fixture.sink.lines(), [
    `{"snapshot":[{"path":"/a","size":"1"},{"path":"/b","size":""}],"action":"snapshot","name":"q",${host},"epoch":3,"counter":0,"numerics":false}`,
  ]);
  assert.equal(fixture.sink.batches[0]?.kind, "snapshots");
});

test("snapshots as events: one line per row, none for an empty result", async (context) => {
  const fixture = new ScheduleFixture(context);
  withFiles(fixture);
  const none = { query: "select path from files where 0", interval: 10, snapshot: true };
  const options = { logger_snapshot_event_type: true };
  await fixture.start(fileOf({ none, q: { ...files, snapshot: true } }, options));
  await fixture.passSeconds(10);
  assert.deepEqual(fixture.sink.lines(), [
    `{"name":"q",${host},"epoch":0,"counter":0,"numerics":false,"columns":{"path":"/a","size":"1"},"action":"snapshot"}`,
    `{"name":"q",${host},"epoch":0,"counter":0,"numerics":false,"columns":{"path":"/b","size":""},"action":"snapshot"}`,
  ]);
});

test("numerics: numbers stay numbers", async (context) => {
  const fixture = new ScheduleFixture(context);
  withFiles(fixture);
  await fixture.start(fileOf({ q: files }, { logger_numerics: true }));
  await fixture.passSeconds(10);
  assert.deepEqual(fixture.sink.lines(), [
    `{"name":"q",${host},"epoch":0,"counter":0,"numerics":true,"columns":{"path":"/a","size":1},"action":"added"}`,
    `{"name":"q",${host},"epoch":0,"counter":0,"numerics":true,"columns":{"path":"/b","size":""},"action":"added"}`,
  ]);
});

const decorators = {
  load: ["select 'v1' as zone"],
  always: ["select 7 as attempt, 'ab' as owner"],
  interval: { "60": ["select 'cd' as owner"], "61": ["select 1 as never"] },
};

test("decorations: sorted, strings, later sources win", async (context) => {
  const fixture = new ScheduleFixture(context);
  withFiles(fixture);
  const query = { query: "select 1 as one", interval: 10 };
  await fixture.start({ ...fileOf({ q: query }), decorators });
  await fixture.passSeconds(10);
  assert.deepEqual(fixture.sink.lines(), [
    `{"name":"q",${host},"epoch":0,"counter":0,"numerics":false,"decorations":{"attempt":"7","owner":"cd","zone":"v1"},"columns":{"one":"1"},"action":"added"}`,
  ]);
});

test("decorations_top_level: beside the other keys, before the columns", async (context) => {
  const fixture = new ScheduleFixture(context);
  const query = { query: "select 1 as one", interval: 10 };
  const file = { ...fileOf({ q: query }, { decorations_top_level: true }), decorators };
  await fixture.start(file);
  await fixture.passSeconds(10);
  assert.deepEqual(fixture.sink.lines(), [
    `{"name":"q",${host},"epoch":0,"counter":0,"numerics":false,"attempt":"7","owner":"cd","zone":"v1","columns":{"one":"1"},"action":"added"}`,
  ]);
});

test("control characters are escaped in differential results, not in snapshots", async (context) => {
  const fixture = new ScheduleFixture(context);
  const sql = "select 'a' || char(10) || char(9) || char(27) || '\\n\"é' as x";
  await fixture.start(
    fileOf({ d: { query: sql, interval: 10 }, s: { query: sql, interval: 10, snapshot: true } }),
  );
  await fixture.passSeconds(10);
  const [differential, snapshot] = fixture.sink.lines();
  assert.match(differential ?? "", /"columns":\{"x":"a\\\\x0A\\\\x09\\\\x1B\\\\n\\"é"\}/);
  assert.deepEqual(JSON.parse(snapshot ?? "").snapshot, [{ x: 'a\n\t\u001b\\n"é' }]);
});

test("a new epoch logs everything again with counter 0", async (context) => {
  const fixture = new ScheduleFixture(context);
  withFiles(fixture);
  await fixture.start(fileOf({ q: files }));
  await fixture.passSeconds(20);
  await fixture.stop();
  fixture.sink.clear();
  await fixture.start(fileOf({ q: files }, { schedule_epoch: 1 }));
  await fixture.passSeconds(10);
  const lines = fixture.sink.lines().map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map(({ epoch, counter, action }) => [epoch, counter, action]),
    [
      [1, 0, "added"],
      [1, 0, "added"],
    ],
  );
});

test("a query that finds nothing at first says so in the batch format alone", async (context) => {
  const none = { query: "select path from files where 0", interval: 10 };
  for (const [events, lines] of [
    [true, []],
    [
      false,
      [
        `{"diffResults":{"removed":[],"added":[]},"name":"none",${host},"epoch":0,"counter":0,"numerics":false}`,
      ],
    ],
  ] as const) {
    const fixture = new ScheduleFixture(context);
    withFiles(fixture);
    await fixture.start(fileOf({ none }, { logger_event_type: events }));
    await fixture.passSeconds(20);
    assert.deepEqual(fixture.sink.lines(), lines);
  }
});

test("the counter rises with changes that removed: false keeps out of the log", async (context) => {
  const fixture = new ScheduleFixture(context);
  withFiles(fixture);
  await fixture.start(fileOf({ q: { ...files, removed: false } }));
  await fixture.passSeconds(10);
  fixture.store.database.exec("DELETE FROM files WHERE path = '/a'");
  await fixture.passSeconds(10);
  fixture.store.database.exec("INSERT INTO files VALUES ('/c', 3)");
  await fixture.passSeconds(10);
  const lines = fixture.sink.lines().map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map(({ counter, columns }) => [counter, columns.path]),
    [
      [0, "/a"],
      [0, "/b"],
      [2, "/c"],
    ],
  );
});

test("calendarTime is asctime in UTC with the day padded by a space", () => {
  assert.equal(calendarTime(0), "Thu Jan  1 00:00:00 1970 UTC");
  assert.equal(calendarTime(1786052772), "Thu Aug  6 21:46:12 2026 UTC");
  assert.equal(calendarTime(1798761599), "Thu Dec 31 23:59:59 2026 UTC");
});
