import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { stateTables } from "../../src/tables/all.js";
import { tableSchemas } from "../../src/tables/generated/table_schemas.js";
import type { TableSchema } from "../../src/tables/table_schema.js";
import { equals, hostBelow, rowsOf, thisHost } from "./table_rows.js";

const numeric = /INT|DOUBLE/;
const maxRows = 2000;

const constraintsFor = (name: string) =>
  name === "file" || name === "hash" ? [equals("directory", "/etc")] : [];

for (const table of stateTables) {
  const { name, columns } = table.schema;

  test(`${name}: rows have declared columns and values of their type`, () => {
    const types = new Map(columns.map((column) => [column.name, column.type]));
    let seen = 0;
    const request = {
      constraints: constraintsFor(name),
      columns: new Set(columns.map((column) => column.name)),
    };
    for (const row of table.generate(request, thisHost)) {
      for (const [column, value] of Object.entries(row)) {
        const type = types.get(column);
        assert.ok(type !== undefined, `${name} has no column ${column}`);
        if (value === null || value === undefined) continue;
        const expected = numeric.test(type) ? ["number", "bigint"] : ["string"];
        assert.ok(expected.includes(typeof value), `${column} is ${typeof value}: ${value}`);
        const isFraction = type === "DOUBLE" && Number.isFinite(value);
        if (typeof value === "number") assert.ok(isFraction || Number.isSafeInteger(value), column);
      }
      if (++seen >= maxRows) break;
    }
  });

  test(`${name}: a host without its source has no rows or unknown values, and no error`, () => {
    const root = mkdtempSync(join(tmpdir(), "auditql-bare-"));
    try {
      const rows = rowsOf(table, constraintsFor(name), hostBelow(root));
      // What auditql knows of itself needs no host.
      assert.ok(rows.length <= 10 || name.startsWith("auditql_"));
    } finally {
      rmSync(root, { recursive: true });
    }
  });
}

test("every state table of schemas/tables/ is listed exactly once", () => {
  const schemas: readonly TableSchema[] = Object.values(tableSchemas);
  const declared = schemas.filter(({ kind }) => kind === "state").map(({ name }) => name);
  const listed = stateTables.map(({ schema }) => schema.name);
  assert.deepEqual([...listed].sort(), declared.sort());
});
