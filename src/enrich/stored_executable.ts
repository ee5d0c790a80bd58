import type { EnrichmentConfig } from "../config/enrichment_schema.js";
import type { Digests } from "./file_digests.js";
import type { OwnerPackage } from "./package_path_index.js";

/** A row of `executables` from before the start. */
export interface StoredExecutable {
  readonly id: Buffer;
  readonly path: Buffer;
  readonly eid: number;
  readonly timeNs: bigint;
  readonly isByProcess: boolean;
  /** All that are configured; null where none is. */
  readonly digests: Digests | null;
  readonly owner: OwnerPackage | null;
}

/**
 * The statement that reads the newest of them, oldest first, as many as are remembered. A file that
 * could not be hashed, or not with every digest that is wanted now, is left out: it is looked at
 * again.
 */
export function storedExecutablesSql({ hashes, cache_entries: most }: EnrichmentConfig): string {
  const wanted =
    hashes.length === 0
      ? "exe_hash_status is null"
      : ["exe_hash_status = 'hashed'", ...hashes.map((name) => `${name} is not null`)].join(
          " and ",
        );
  // Integers beyond 2^53 as text.
  const columns = [
    "executable_id",
    "hex(path_bytes) as path",
    "cast(eid as integer) as eid",
    "cast(ntime as text) as ntime",
    "opened_by",
    "package_name",
    "package_version",
    "package_type",
    ...hashes,
  ];
  return `select * from (select ${columns.join(", ")} from executables
    where ${wanted} order by cast(eid as integer) desc limit ${most}) order by eid`;
}

/** Reads a row of that statement; null for one that is none. */
export function readStoredExecutable(
  row: Readonly<Record<string, unknown>>,
  { hashes }: EnrichmentConfig,
): StoredExecutable | null {
  const { executable_id: id, path, eid, ntime, opened_by: openedBy } = row;
  if (typeof id !== "string" || typeof path !== "string" || typeof eid !== "number") return null;
  if (typeof ntime !== "string") return null;
  return {
    id: Buffer.from(id.replaceAll("-", ""), "hex"),
    path: Buffer.from(path, "hex"),
    eid,
    timeNs: BigInt(ntime),
    isByProcess: openedBy === "process",
    digests:
      hashes.length === 0
        ? null
        : Object.fromEntries(hashes.map((name) => [name, String(row[name])])),
    owner: ownerOf(row),
  };
}

function ownerOf(row: Readonly<Record<string, unknown>>): OwnerPackage | null {
  const { package_name: name, package_version: version, package_type: type } = row;
  if (typeof name !== "string" || (type !== "deb" && type !== "rpm")) return null;
  return { name, version: String(version), type };
}
