import Database from "better-sqlite3";
import type { ConstructedTable, UserTables } from "../config/user_tables.js";
import { messageOf } from "../errors.js";
import type { NativeConnection, NativeTable, TableRow } from "../native/connection.js";
import { tableSchemas } from "../tables/generated/table_schemas.js";
import type { TableSchema } from "../tables/table_schema.js";
import { glob } from "../util/glob.js";
import { quotedName } from "../util/sql_tokens.js";

/** A configuration without tables of its own. */
export const noUserTables: UserTables = { disabled: [], views: {}, constructed: [] };

export interface UserTableProblem {
  /** `table NAME` or `view NAME`. */
  readonly subject: string;
  readonly message: string;
}

function unusable(subject: string, cause: unknown): UserTableProblem {
  const reason = messageOf(cause);
  return { subject, message: `cannot use ${subject} of the configuration: ${reason}` };
}

export interface ViewCheck {
  /** Prepares a statement; rejects with what is wrong with it. */
  readonly inspect: (sql: string) => Promise<unknown>;
  readonly report: (problem: UserTableProblem) => void;
  /** How long all views together may take. */
  readonly timeoutMs: number;
  /** False when nobody wants to know any more. */
  readonly isWanted: () => boolean;
}

/**
 * Tells which views cannot be used. SQLite looks at what a view selects only when it is used; where
 * views select from views that may take for ever, so that no worker does it at its start.
 */
export async function checkViews(views: UserTables["views"], check: ViewCheck): Promise<void> {
  const endMs = performance.now() + check.timeoutMs;
  for (const name of Object.keys(views)) {
    const subject = `view ${name}`;
    if (performance.now() > endMs) {
      const message = `${subject} of the configuration and those after it were not checked`;
      check.report({ subject, message });
      return;
    }
    try {
      await check.inspect(`SELECT * FROM ${quotedName(name)}`);
    } catch (error) {
      if (check.isWanted()) check.report(unusable(subject, error));
    }
    if (!check.isWanted()) return;
  }
}

/** Defines the tables and views of the configuration; answers why those that cannot be are not. */
export function defineUserTables(
  connection: NativeConnection,
  tables: UserTables,
): readonly UserTableProblem[] {
  const problems: UserTableProblem[] = [];
  const attempt = (kind: string, name: string, define: () => void) => {
    try {
      if (Object.hasOwn(tableSchemas, name)) throw new Error("auditql has a table with this name");
      define();
    } catch (error) {
      problems.push(unusable(`${kind} ${name}`, error));
    }
  };
  for (const table of tables.constructed) {
    attempt("table", table.name, () => connection.defineTable(constructedTable(table)));
  }
  for (const [name, select] of Object.entries(tables.views)) {
    attempt("view", name, () => connection.defineView(name, select));
  }
  for (const name of tables.disabled.flatMap(withAliases)) connection.removeTable(name);
  return problems;
}

/** A table with its other names. */
function withAliases(name: string): readonly string[] {
  const schema = Object.values<TableSchema>(tableSchemas).find((table) => table.name === name);
  return [name, ...(schema?.aliases ?? [])];
}

/** osquery adds the path of the database to the columns, all of which are text. */
function constructedTable({ name, query, path, columns }: ConstructedTable): NativeTable {
  const names = [...columns.filter((column) => column !== "path"), "path"];
  const declared = names.map((column) => `${quotedName(column)} TEXT`).join(", ");
  return {
    name,
    sql: `CREATE TABLE ${quotedName(name)} (${declared})`,
    columns: names.map((column) => ({ name: column, type: "TEXT" })),
    *generate() {
      for (const file of glob(path)) yield* databaseRows(file, query);
    },
  };
}

/** What is wrong with a query over databases of other programs, whose tables are not known here. */
export function constructedProblem(query: string): string | null {
  const database = new Database(":memory:");
  try {
    return database.prepare(query).reader ? null : "the statement returns no rows";
  } catch (error) {
    const reason = messageOf(error);
    return /^no such (table|column)/.test(reason) ? null : reason;
  } finally {
    database.close();
  }
}

/** Rows of one database; other programs' files may be gone, locked or no database. */
function* databaseRows(path: string, query: string): Generator<TableRow> {
  let database: Database.Database | null = null;
  try {
    database = new Database(path, { readonly: true, fileMustExist: true });
    const rows = database.prepare<[], Record<string, unknown>>(query).iterate();
    for (const row of rows) yield { ...textRow(row), path };
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error;
  } finally {
    database?.close();
  }
}

function textRow(row: Readonly<Record<string, unknown>>): TableRow {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, value === null ? null : String(value)]),
  );
}
