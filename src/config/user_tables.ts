import type { Sections } from "./file_schema.js";
import { platformMatches } from "./platform.js";

/** A table over SQLite databases of other programs (auto_table_construction). */
export interface ConstructedTable {
  readonly name: string;
  /** Runs in each of the databases. */
  readonly query: string;
  /** Pattern of the databases' paths. */
  readonly path: string;
  readonly columns: readonly string[];
}

/** What the configuration changes about auditql's own tables. */
export interface UserTables {
  /** Tables that are not offered (disable_tables). */
  readonly disabled: readonly string[];
  readonly views: Readonly<Record<string, string>>;
  readonly constructed: readonly ConstructedTable[];
}

/** Those of the merged sections that are meant for this platform. */
export function readUserTables(
  { views, auto_table_construction: constructed }: Sections,
  disabledTables: string,
): UserTables {
  return {
    disabled: disabledTables.split(",").flatMap((name) => name.trim() || []),
    views: views ?? {},
    constructed: Object.entries(constructed ?? {})
      .filter(([, { platform }]) => platformMatches(platform ?? null))
      .map(([name, { query, path, columns }]) => ({ name, query, path, columns })),
  };
}
