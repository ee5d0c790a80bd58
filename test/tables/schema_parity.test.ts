import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { tableSchemas } from "../../src/tables/generated/table_schemas.js";
import type { ColumnSchema, TableSchema } from "../../src/tables/table_schema.js";

const reference = process.env["AUDITQL_REFERENCE"] ?? join(process.cwd(), "../shared/reference");
const file = join(reference, "osquery_linux_columns.tsv");
const skip = existsSync(file) ? false : `${file} is not there: set AUDITQL_REFERENCE`;

type Line = Readonly<Record<string, string>>;

function readReference(): Map<string, Line[]> {
  const [head = "", ...lines] = readFileSync(file, "utf8").trimEnd().split("\n");
  const names = head.split("\t");
  const tables = new Map<string, Line[]>();
  for (const line of lines) {
    const cells = line.split("\t");
    const row = Object.fromEntries(names.map((name, index) => [name, cells[index] ?? ""]));
    const table = row["table"] ?? "";
    tables.set(table, [...(tables.get(table) ?? []), row]);
  }
  return tables;
}

const isSet = (flag: string | undefined): boolean => flag === "1";
const names = (list: string | undefined): string[] => (list ?? "").split(",").filter(Boolean);

function expectedColumn(line: Line) {
  return {
    name: line["column"],
    type: line["type"],
    index: isSet(line["index"]),
    required: isSet(line["required"]),
    additional: isSet(line["additional"]),
    optimized: isSet(line["optimized"]),
    hidden: isSet(line["hidden"]) || line["non_linux_column"] !== "0",
    collation: line["collate"] ?? "",
    aliases: names(line["column_aliases"]),
  };
}

function actualColumn(column: ColumnSchema) {
  return {
    name: column.name,
    type: column.type,
    index: column.index ?? false,
    required: column.required ?? false,
    additional: column.additional ?? false,
    optimized: column.optimized ?? false,
    hidden: Boolean(column.hidden ?? column.otherPlatform),
    collation: column.collation ?? "",
    aliases: column.aliases ?? [],
  };
}

// Event tables answer more constraints than osquery's: on eid, pid and uuids.
const pushedDown = ["index", "additional"] as const;

function comparable(schema: TableSchema, column: ReturnType<typeof actualColumn>) {
  const shown: Record<string, unknown> = { ...column };
  if (schema.kind === "event") for (const flag of pushedDown) delete shown[flag];
  return shown;
}

test("every table of osquery on Linux is declared, and begins with osquery's columns", {
  skip,
}, () => {
  const expected = readReference();
  const schemas: readonly TableSchema[] = Object.values(tableSchemas);
  const compared: string[] = [];
  for (const schema of schemas) {
    const lines = expected.get(schema.name);
    if (lines === undefined) continue;
    compared.push(schema.name);
    const columns = schema.columns.slice(0, lines.length).map(actualColumn);
    assert.deepEqual(
      columns.map((column) => comparable(schema, column)),
      lines.map((line) => comparable(schema, expectedColumn(line) as (typeof columns)[number])),
      schema.name,
    );
    assert.deepEqual(schema.aliases, names(lines[0]?.["table_aliases"]), schema.name);
    const added = schema.columns.slice(lines.length);
    for (const { name, own, hidden } of added) {
      assert.equal(own, true, `${schema.name}.${name}`);
      // `select *` of a state table gives what osquery's gives.
      if (schema.kind === "state") assert.equal(hidden, true, `${schema.name}.${name}`);
    }
    assert.ok(schema.columns.slice(0, lines.length).every(({ own }) => own === undefined));
  }
  assert.deepEqual(compared.sort(), [...expected.keys()].sort());
  const own = schemas.filter((schema) => schema.own).map(({ name }) => name);
  assert.deepEqual(
    own.filter((name) => expected.has(name)),
    [],
  );
});
