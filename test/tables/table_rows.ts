import { loadAddon } from "../../src/native/addon.js";
import type { SqlValue, TableConstraint, TableRequest } from "../../src/native/connection.js";
import type { DaemonRows } from "../../src/tables/daemon_rows.js";
import type { StateTable } from "../../src/tables/define_table.js";
import { type Host, openHost } from "../../src/tables/host.js";

export type AnyRow = Readonly<Record<string, SqlValue | undefined>>;

const { tableSources: sources } = loadAddon();

/** The host that the test runs on, with what the daemon would know. */
export function hostWith(facts: DaemonRows): Host {
  return openHost({ root: "/", now: Date.now, daemonRows: () => facts, sources });
}

/** The host that the test runs on. */
export const thisHost: Host = hostWith({});

/** A host whose files are below a directory. */
export function hostBelow(root: string, now = Date.now): Host {
  return openHost({ root, now, daemonRows: () => ({}) });
}

/** What a query that reads every column asks of a table. */
function requestOf(table: StateTable, constraints: readonly TableConstraint[] = []): TableRequest {
  return { constraints, columns: new Set(table.schema.columns.map(({ name }) => name)) };
}

export const equals = (column: string, ...values: SqlValue[]): TableConstraint => ({
  column,
  operator: values.length === 1 ? "=" : "in",
  values,
});

export const like = (column: string, pattern: string): TableConstraint => ({
  column,
  operator: "like",
  values: [pattern],
});

/** All rows of a table, as the native side would take them. */
export function rowsOf(
  table: StateTable,
  constraints: readonly TableConstraint[] = [],
  host: Host = thisHost,
): AnyRow[] {
  return [...table.generate(requestOf(table, constraints), host)].map((row) => ({ ...row }));
}
