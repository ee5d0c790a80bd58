import type { EnrichmentConfig } from "../config/enrichment_schema.js";
import {
  readStoredExecutable,
  type StoredExecutable,
  storedExecutablesSql,
} from "../enrich/stored_executable.js";
import { readStoredRows, type StoredRowsSource } from "./read_stored_rows.js";

/** What was found out about executed files before the start, oldest first. */
export async function readStoredExecutables(
  source: StoredRowsSource & { readonly config: EnrichmentConfig },
): Promise<readonly StoredExecutable[]> {
  const { config } = source;
  const rows = await readStoredRows(source, "executables", storedExecutablesSql(config));
  return rows.flatMap((row) => readStoredExecutable(row, config) ?? []);
}
