import type { Engine } from "../native/engine.js";
import { type ResultRow, readRows } from "../serve/read_rows.js";
import type { QueryRunner } from "../sql/query.js";

export interface StoredRowsSource {
  readonly engine: Pick<Engine, "bounds">;
  readonly runner: QueryRunner;
}

const limits = {
  timeoutMs: 30_000,
  maxRows: 0,
  maxBytes: 64 * 1024 * 1024,
  maxMemoryBytes: 256 * 1024 * 1024,
};

/** Reads rows of a table of enrichments; no worker is troubled for an empty one. */
export async function readStoredRows(
  { engine, runner }: StoredRowsSource,
  table: "executables" | "containers",
  sql: string,
): Promise<readonly ResultRow[]> {
  const { firstEid, nextEid } = engine.bounds(table);
  if (firstEid === nextEid) return [];
  return readRows(
    runner.run({ sql, format: "ndjson", limits, origin: "enrichment", role: "schedule" }),
  );
}
