import assert from "node:assert/strict";
import { test } from "node:test";
import { complete } from "../../src/shell/completion.js";
import { tableSchemas } from "../../src/tables/generated/table_schemas.js";

const tables = [
  tableSchemas.process_events,
  tableSchemas.socket_events,
  tableSchemas.auditql_health,
];

test("after from, only tables are offered", () => {
  assert.deepEqual(complete("select * from ", "", tables)[0], [
    "auditql_health",
    "process_events",
    "socket_events",
  ]);
  assert.deepEqual(complete("select * from proc", "", tables), [["process_events"], "proc"]);
});

test("columns of the tables of the statement are offered, from earlier lines too", () => {
  const [hits] = complete("where parent_u", "select * from process_events\n", tables);
  assert.deepEqual(hits, ["parent_uuid"]);
  const [none] = complete("where parent_u", "select * from auditql_health\n", tables);
  assert.deepEqual(none, []);
});

test("a qualifier offers the columns of its table alone, through an alias too", () => {
  assert.ok(!complete("select process_events.remote_", "", tables)[0].includes("remote_port"));
  const text = "select * from process_events p join socket_events as s on s.remote_p";
  assert.deepEqual(complete(text, "", tables), [["remote_port"], "remote_p"]);
});

test("keywords follow the case of what is typed", () => {
  assert.deepEqual(complete("SELECT DISTI", "", tables)[0], ["DISTINCT"]);
  assert.deepEqual(complete("select disti", "", tables)[0], ["distinct"]);
});

test("meta commands, their formats and their tables are completed", () => {
  assert.deepEqual(complete(".ta", "", tables), [[".tables"], ".ta"]);
  assert.deepEqual(complete(".mode nd", "", tables), [["ndjson"], "nd"]);
  assert.deepEqual(complete(".schema sock", "", tables), [["socket_events"], "sock"]);
});
