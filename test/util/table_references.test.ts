import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseIncremental } from "../../src/schedule/read_events.js";
import { countReferences } from "../../src/util/sql_tokens.js";

test("a table is counted where it is named, not in strings, comments or qualifiers", () => {
  const count = (sql: string) => countReferences(sql, "process_events");
  assert.equal(count("select process_events.pid from process_events"), 1);
  assert.equal(count("select 'process_events' from \"process_events\" -- process_events"), 1);
  assert.equal(count("select /* process_events */ * from [process_events], `process_events` b"), 2);
  assert.equal(
    count("select * from PROCESS_EVENTS where pid in (select pid from process_events)"),
    2,
  );
  assert.equal(count("select * from user_process_events"), 0);
});

test("one reference of one event table goes by event, everything else by result", () => {
  assert.equal(chooseIncremental("select * from a", ["a"]), "by_event");
  assert.equal(chooseIncremental("select * from a x join a y", ["a"]), "by_result");
  assert.equal(chooseIncremental("select * from a join b", ["a", "b"]), "by_result");
  const both = ["socket_events", "process_events"];
  const lookup = "select (select path from process_ancestry(s.process_uuid)) from socket_events s";
  assert.equal(chooseIncremental(lookup, both), "by_event");
  assert.equal(chooseIncremental(`${lookup} join process_events p`, both), "by_result");
  assert.equal(chooseIncremental("select * from a_view", both), "by_result");
});
