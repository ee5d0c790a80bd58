import assert from "node:assert/strict";
import { test } from "node:test";
import { makeLineFilter } from "../../src/log/line_filter.js";
import { results } from "./log_fixture.js";

const line = (columns: object, action = "added") =>
  `{"name":"q","columns":${JSON.stringify(columns)},"action":"${action}"}`;

function passed(where: string, ...lines: string[]): string[] {
  const batch = makeLineFilter({ where })(results(...lines));
  return batch === null ? [] : batch.lines.toString("utf8").split("\n").slice(0, -1);
}

test("where passes rows whose columns fulfil it, byte for byte", () => {
  const kept = '{"name":"q",  "columns":{"path":"/tmp/é","pid":"42"},"action":"added"}';
  assert.deepEqual(passed("path LIKE '/tmp/%'", kept, line({ path: "/usr/bin/id" })), [kept]);
});

test("text that is a number compares as a number", () => {
  const [small, large] = [line({ pid: "9" }), line({ pid: "1000" })];
  assert.deepEqual(passed("pid > 100", small, large), [large]);
  assert.deepEqual(passed("pid = '9'", small, large), [small]);
  const mode = line({ mode: "0755" });
  assert.deepEqual(passed("mode = '0755'", mode), [mode]);
});

test("numbers of any length keep every digit, judged and changed", () => {
  const numbers = '"inode":9007199254740993,"big":18446744073709551615,"share":0.10000000000000001';
  const text = `{"name":"q","columns":{${numbers},"pid":7},"action":"added"}`;
  assert.deepEqual(passed("inode = 9007199254740993", text), [text]);
  assert.deepEqual(passed("inode = 9007199254740992", text), []);
  assert.deepEqual(passed("big > 18446744073709000000", text), [text]);
  const batch = makeLineFilter({ remove_fields: ["pid"] })(results(text));
  assert.equal(
    batch?.lines.toString("utf8"),
    `{"name":"q","columns":{${numbers}},"action":"added"}\n`,
  );
});

test("columns that a row does not have are NULL", () => {
  const [with_, without] = [line({ uid: "0", path: "/a" }), line({ path: "/b" })];
  assert.deepEqual(passed("uid = 0", with_, without), [with_]);
  assert.deepEqual(passed("uid is null and no_such is null", with_, without), [without]);
});

test("where sees the action and the names of query and pack", () => {
  const [added, removed] = [line({ a: "1" }), line({ a: "1" }, "removed")];
  assert.deepEqual(passed("action = 'removed'", added, removed), [removed]);
  assert.deepEqual(passed("query_name = 'q' and pack_name = 'main'", added), [added]);
});

test("rows inside batch and snapshot lines are chosen one by one", () => {
  const batch = '{"diffResults":{"removed":[{"a":"1"}],"added":[{"a":"2"},{"a":"3"}]},"name":"q"}';
  assert.deepEqual(passed("a > 1", batch), [
    '{"diffResults":{"removed":[],"added":[{"a":"2"},{"a":"3"}]},"name":"q"}',
  ]);
  assert.deepEqual(passed("a > 3", batch), []);
  const snapshot = '{"snapshot":[{"a":"1"},{"a":"2"}],"action":"snapshot","name":"q"}';
  assert.deepEqual(passed("a = 1", snapshot), [
    '{"snapshot":[{"a":"1"}],"action":"snapshot","name":"q"}',
  ]);
  const empty = '{"snapshot":[],"action":"snapshot","name":"q"}';
  assert.deepEqual(passed("a = 1", empty), [empty]);
});

test("of columns whose names differ in case alone the first is judged", () => {
  const row = line({ Path: "/a", path: "/b", "": "c" });
  assert.deepEqual(passed("path = '/a'", row), [row]);
});

test("a row that a condition cannot judge passes", () => {
  const row = line({ n: "-9223372036854775808" });
  assert.deepEqual(passed("abs(n) > 0", row), [row]);
});

test("rows of many shapes are judged with bounded memory", () => {
  for (let shape = 0; shape < 300; shape++) {
    const row = line({ [`c${shape}`]: "1", pid: String(shape) });
    assert.deepEqual(passed("pid >= 0", row), [row]);
  }
  const filter = makeLineFilter({ where: "pid >= 100" });
  const rows = Array.from({ length: 200 }, (_, pid) => line({ [`c${pid}`]: "1", pid: `${pid}` }));
  assert.equal(filter(results(...rows))?.count, 100);
});

test("what is no condition, or a query, is refused", () => {
  for (const where of ["pid >", "1); drop table x", "exists (select 1)", "1; select 2"]) {
    assert.throws(() => makeLineFilter({ where }), where);
  }
  assert.equal(passed("path = 'select'", line({ path: "select" })).length, 1);
});
