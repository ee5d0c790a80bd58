import type { EnrichmentConfig } from "../config/enrichment_schema.js";
import {
  readStoredExecutable,
  type StoredExecutable,
  storedExecutablesSql,
} from "../enrich/stored_executable.js";
import type { Engine } from "../native/addon.js";
import { readRows } from "../serve/read_rows.js";
import type { QueryRunner } from "../sql/query.js";

export interface StoredExecutablesSource {
  readonly config: EnrichmentConfig;
  readonly engine: Pick<Engine, "bounds">;
  readonly runner: QueryRunner;
}

const limits = {
  timeoutMs: 30_000,
  maxRows: 0,
  maxBytes: 64 * 1024 * 1024,
  maxMemoryBytes: 256 * 1024 * 1024,
};

/** What was found out about executed files before the start, oldest first. */
export async function readStoredExecutables({
  config,
  engine,
  runner,
}: StoredExecutablesSource): Promise<readonly StoredExecutable[]> {
  const { firstEid, nextEid } = engine.bounds("executables");
  if (firstEid === nextEid) return [];
  const sql = storedExecutablesSql(config);
  const rows = await readRows(runner.run({ sql, format: "ndjson", limits, origin: "enrichment" }));
  return rows.flatMap((row) => readStoredExecutable(row, config) ?? []);
}
