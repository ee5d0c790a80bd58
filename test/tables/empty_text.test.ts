// Text of osquery's columns is empty where there is no value, and never NULL (osquery's
// DynamicTableRow::get_column() makes a missing key empty text).
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { tableSchemas } from "../../src/tables/generated/table_schemas.js";
import type { TableSchema } from "../../src/tables/table_schema.js";
import { PoolFixture, request, resultOf, skip } from "../sql/pool_fixture.js";
import { MadeUpDatabase } from "./made_up_database.js";

const schemas: readonly TableSchema[] = Object.values(tableSchemas);
const textTypes = new Set(["TEXT", "BLOB", "DATETIME"]);

/** osquery's columns of text. */
const textColumns = ({ own, columns }: TableSchema): string[] =>
  own === true
    ? []
    : columns.filter((column) => textTypes.has(column.type) && !column.own).map(({ name }) => name);

const stamp = (serial: number) => `msg=audit(1700000000.250:${serial}):`;
const callsLog = "test/testdata/pipeline/script-calls.log";
/** With as little in them as the kernel may write. */
const records = [
  `type=USER_CMD ${stamp(1)} pid=9 uid=0 auid=0 ses=1 msg='cmd=6C73 res=success'`,
  `type=MAC_STATUS ${stamp(2)} enforcing=0 old_enforcing=1 auid=0 ses=1`,
  `type=AVC ${stamp(3)} apparmor="DENIED" operation="capable" pid=7`,
  `type=SECCOMP ${stamp(4)} auid=0 uid=0 gid=0 ses=1 pid=8 sig=0 arch=c000003e syscall=1 compat=0`,
  `type=SYSCALL ${stamp(5)} arch=c000003e syscall=42 success=no exit=-13 a0=3 ppid=1 pid=6`,
  "",
].join("\n");

const mostRows = 500;
/** What tables with required columns, or with users' files, are asked for. */
function condition({ name, columns }: TableSchema): string {
  const required = columns.filter((column) => column.required);
  if (required.some((column) => column.name === "directory")) return "WHERE directory = '/etc'";
  if (name === "magic" || name === "yara_file") {
    const rule = name === "magic" ? "" : " AND sigrule = 'rule r { condition: true }'";
    return `WHERE path = '/etc/passwd'${rule}`;
  }
  return required
    .map(({ name: column }, at) => `${at === 0 ? "WHERE" : "AND"} ${column} = '1'`)
    .join(" ");
}

test("typeof() of each text column of each row of every osquery table is text", {
  skip,
}, async () => {
  const fixture = new PoolFixture();
  const withRows = new Set<string>();
  try {
    fixture.engine.feedLog(Buffer.from(records));
    fixture.engine.feedLog(readFileSync(join(process.cwd(), callsLog)));
    fixture.engine.finishLog();
    for (const schema of schemas) {
      const columns = textColumns(schema);
      if (columns.length === 0) continue;
      const wrong = columns.map(
        (name) => `CASE typeof("${name}") WHEN 'text' THEN '' ELSE ' ${name}' END`,
      );
      const from = `(SELECT * , ${columns.map((name) => `"${name}"`).join(", ")} FROM "${schema.name}" ${condition(schema)} LIMIT ${mostRows})`;
      const sql = `SELECT count(*) AS rows, group_concat(DISTINCT ${wrong.join(" || ")}) AS wrong FROM ${from}`;
      const { text, outcome } = await resultOf(fixture.pool.run(request(sql)));
      assert.equal(outcome.error, null, `${schema.name}: ${outcome.error?.message}`);
      const { rows, wrong: found } = JSON.parse(text);
      assert.ok(found === null || found === "", `${schema.name}:${found}`);
      if (rows > 0) withRows.add(schema.name);
    }
  } finally {
    await fixture.close();
  }
  const events = ["process_events", "user_events", "apparmor_events", "seccomp_events"];
  for (const each of [
    ...events,
    "users",
    "groups",
    "processes",
    "file",
    "os_version",
    "system_info",
    "mounts",
  ]) {
    assert.ok(withRows.has(each), each);
  }
});

test("numbers without a value stay NULL, and so do auditql's own columns", { skip }, () => {
  const host = new MadeUpDatabase({ "etc/passwd": "ann:x:1000:1000::/home/ann:/bin/sh\n" });
  try {
    assert.deepEqual(
      host.rows("SELECT typeof(type) AS t, type, typeof(uuid) AS u, is_hidden FROM users"),
      [{ t: "text", type: "", u: "text", is_hidden: null }],
    );
    assert.deepEqual(host.values("SELECT username FROM users WHERE type <> 'special'"), ["ann"]);
    assert.deepEqual(host.values("SELECT username FROM users WHERE uuid = ''"), ["ann"]);
    assert.deepEqual(host.values("SELECT username FROM users WHERE type IS NULL"), []);
  } finally {
    host.close();
  }
});
