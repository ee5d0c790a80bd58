import {
  readStoredContainer,
  type StoredContainer,
  storedContainersSql,
} from "../enrich/stored_container.js";
import { readStoredRows, type StoredRowsSource } from "./read_stored_rows.js";

/** What was found out about containers before the start, the newest `most`, oldest first. */
export async function readStoredContainers(
  source: StoredRowsSource,
  most: number,
): Promise<readonly StoredContainer[]> {
  const rows = await readStoredRows(source, "containers", storedContainersSql(most));
  return rows.flatMap((row) => readStoredContainer(row) ?? []);
}
