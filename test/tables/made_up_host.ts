import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { stateTables } from "../../src/tables/all.js";
import { type AnyRow, equals, hostBelow, rowsOf } from "./table_rows.js";

type Files = Readonly<Record<string, string | Buffer>>;

/** Rows of a table on a host that has these files only. */
export function rowsOn(
  files: Files,
  name: string,
  ...constraints: Parameters<typeof equals>[]
): AnyRow[] {
  const root = mkdtempSync(join(tmpdir(), "auditql-tables-"));
  try {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
    }
    const table = stateTables.find(({ schema }) => schema.name === name);
    assert.ok(table !== undefined, name);
    const asked = constraints.map((constraint) => equals(...constraint));
    return rowsOf(
      table,
      asked,
      hostBelow(root, () => Date.UTC(2026, 10, 1, 7, 3, 6)),
    );
  } finally {
    rmSync(root, { recursive: true });
  }
}

export const pick = (rows: readonly AnyRow[], ...columns: string[]) =>
  rows.map((row) => columns.map((column) => row[column] ?? null));
