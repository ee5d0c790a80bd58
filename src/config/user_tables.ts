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

/** Tables and views that the configuration adds to auditql's own. */
export interface UserTables {
  readonly views: Readonly<Record<string, string>>;
  readonly constructed: readonly ConstructedTable[];
}

/** Those of the merged sections that are meant for this platform. */
export function readUserTables({
  views,
  auto_table_construction: constructed,
}: Sections): UserTables {
  return {
    views: views ?? {},
    constructed: Object.entries(constructed ?? {})
      .filter(([, { platform }]) => platformMatches(platform ?? null))
      .map(([name, { query, path, columns }]) => ({ name, query, path, columns })),
  };
}
