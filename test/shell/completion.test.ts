import assert from "node:assert/strict";
import { test } from "node:test";
import { complete } from "../../src/shell/completion.js";
import { tableSchemas } from "../../src/tables/generated/table_schemas.js";

const words = {
  tables: [tableSchemas.process_events, tableSchemas.socket_events, tableSchemas.auditql_health],
  functions: ["count", "community_id_v1", "parent_directory"],
};

test("after from, only tables are offered", () => {
  assert.deepEqual(complete("select * from ", "", words)[0], [
    "auditql_health",
    "process_events",
    "socket_events",
  ]);
  assert.deepEqual(complete("select * from proc", "", words), [["process_events"], "proc"]);
});

test("columns of the tables of the statement are offered, from earlier lines too", () => {
  const [hits] = complete("where parent_u", "select * from process_events\n", words);
  assert.deepEqual(hits, ["parent_uuid"]);
  const [others] = complete("where p", "select * from auditql_health\n", words);
  assert.ok(!others.includes("parent_uuid") && others.includes("parent_directory"));
});

test("before its table is named, a column of any table is offered", () => {
  assert.deepEqual(complete("select remote_p", "", words), [["remote_port"], "remote_p"]);
});

test("a qualifier offers the columns of its table alone, through an alias too", () => {
  assert.ok(!complete("select process_events.remote_", "", words)[0].includes("remote_port"));
  const text = "select * from process_events p join socket_events as s on s.remote_p";
  assert.deepEqual(complete(text, "", words), [["remote_port"], "remote_p"]);
});

test("keywords follow the case of what is typed", () => {
  assert.deepEqual(complete("SELECT DISTI", "", words)[0], ["DISTINCT"]);
  assert.deepEqual(complete("select disti", "", words)[0], ["distinct"]);
});

test("meta commands, their formats and their tables are completed", () => {
  assert.deepEqual(complete(".ta", "", words), [[".tables", ".tail"], ".ta"]);
  assert.deepEqual(complete(".mode nd", "", words), [["ndjson"], "nd"]);
  assert.deepEqual(complete(".schema sock", "", words), [["socket_events"], "sock"]);
});

test("functions of the daemon are completed", () => {
  assert.deepEqual(complete("select commun", "", words), [["community_id_v1"], "commun"]);
});

test("after .tail a table is offered, then its columns", () => {
  assert.deepEqual(complete(".tail proc", "", words), [["process_events"], "proc"]);
  const [hits] = complete(".tail process_events where parent_u", "", words);
  assert.deepEqual(hits, ["parent_uuid"]);
});

test("what a command takes is completed: its statement, its switch, a command", () => {
  assert.deepEqual(complete(".watch 2 select * from sock", "", words)[0], ["socket_events"]);
  assert.deepEqual(complete(".explain select * from sock", "", words)[0], ["socket_events"]);
  assert.deepEqual(complete(".pager o", "", words)[0], ["off", "on"]);
  assert.deepEqual(complete(".help .wat", "", words)[0], [".watch"]);
  assert.deepEqual(complete(".print sel", "", words)[0], []);
});

test("a statement begins with a word that statements begin with, not with a table", () => {
  const selinux = { ...words, tables: [...words.tables, tableSchemas.selinux_events] };
  assert.deepEqual(complete("sel", "", selinux), [["select"], "sel"]);
  assert.deepEqual(complete("SEL", "", selinux), [["SELECT"], "SEL"]);
  assert.deepEqual(complete("select 1; wi", "", words), [["with"], "wi"]);
});
