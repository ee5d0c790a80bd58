import type { TableRows } from "./generated/table_schemas.js";

/** Tables whose rows only the daemon knows. */
const daemonTables = [
  "auditql_capture",
  "osquery_events",
  "osquery_flags",
  "osquery_info",
  "osquery_packs",
  "osquery_registry",
  "osquery_schedule",
] as const;
type DaemonTable = (typeof daemonTables)[number];

const namesDaemonTable = new RegExp(`\\b(?:${daemonTables.join("|")})\\b`, "i");

/** Whether a statement, or a view that it may use, names one of those tables. */
export function readsDaemonTables(sql: string, views: Readonly<Record<string, string>>): boolean {
  return [sql, ...Object.values(views)].some((text) => namesDaemonTable.test(text));
}

/** Rows of those tables; a query worker is handed them before each query that may read them. */
export type DaemonRows = {
  readonly [Table in DaemonTable]?: readonly TableRows[Table][];
};
