import type { TableRows } from "./generated/table_schemas.js";

/** Tables whose rows only the daemon knows. */
type DaemonTable =
  | "osquery_events"
  | "osquery_flags"
  | "osquery_info"
  | "osquery_packs"
  | "osquery_registry"
  | "osquery_schedule";

/** Rows of those tables; the daemon hands them to the query workers when they change. */
export type DaemonFacts = {
  readonly [Table in DaemonTable]?: readonly TableRows[Table][];
};
