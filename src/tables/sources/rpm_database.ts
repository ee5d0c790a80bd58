import Database from "better-sqlite3";
import type { Host } from "../host.js";
import { berkeleyHashValues } from "./berkeley_hash.js";
import { RpmHeader } from "./rpm_header.js";

// The second is where image-based distributions keep it.
const FOLDERS = ["/var/lib/rpm", "/usr/lib/sysimage/rpm"];
const MAX_DATABASE_BYTES = 512 * 2 ** 20;

/** A whole file, larger than Host.readFile() takes; null when it is absent or larger still. */
function readDatabase(host: Host, path: string): Buffer | null {
  const file = host.openFile(path);
  if (file === null) return null;
  try {
    const size = Number(file.stat().size);
    if (size > MAX_DATABASE_BYTES) return null;
    const bytes = Buffer.allocUnsafe(size);
    for (let at = 0; at < size; ) {
      const length = file.read(bytes.subarray(at));
      if (length === null || length === 0) return bytes.subarray(0, at);
      at += length;
    }
    return bytes;
  } finally {
    file.close();
  }
}

// SQLite's file format, 1.3: 2 says that there may be a write-ahead log, which a database in
// memory cannot have. rpm leaves an empty one behind when it ends.
const WRITE_VERSION_AT = 18;
const READ_VERSION_AT = 19;
const NO_LOG = 1;

/** Blobs of rpmdb.sqlite, which is read and not opened: it may be another container's. */
function* sqliteBlobs(file: Buffer): Iterable<Buffer> {
  if (file.length <= READ_VERSION_AT) return;
  file[WRITE_VERSION_AT] = NO_LOG;
  file[READ_VERSION_AT] = NO_LOG;
  let database: Database.Database | null = null;
  try {
    database = new Database(file, { readonly: true });
    database.pragma("trusted_schema = OFF");
    for (const blob of database.prepare("SELECT blob FROM Packages").pluck().iterate()) {
      if (Buffer.isBuffer(blob)) yield blob;
    }
  } catch (error) {
    // Damaged, or no database of rpm.
    if (!(error instanceof Database.SqliteError)) throw error;
  } finally {
    database?.close();
  }
}

// rpm's lib/backend/ndb/rpmpkg.c; all numbers are little-endian.
const NDB_SLOT_PAGES_AT = 12;
const NDB_PAGE_BYTES = 4096;
const NDB_HEADER_BYTES = 32;
const NDB_SLOT_BYTES = 16;
const NDB_BLOCK_BYTES = 16;
const NDB_BLOB_HEAD_BYTES = 16;

function* ndbBlobs(file: Buffer): Iterable<Buffer> {
  if (file.toString("latin1", 0, 4) !== "RpmP" || file.length < NDB_PAGE_BYTES) return;
  const slotsEnd = Math.min(file.readUInt32LE(NDB_SLOT_PAGES_AT) * NDB_PAGE_BYTES, file.length);
  for (let at = NDB_HEADER_BYTES; at + NDB_SLOT_BYTES <= slotsEnd; at += NDB_SLOT_BYTES) {
    const packageIndex = file.readUInt32LE(at + 4);
    const blobAt = file.readUInt32LE(at + 8) * NDB_BLOCK_BYTES;
    if (packageIndex === 0 || blobAt + NDB_BLOB_HEAD_BYTES > file.length) continue;
    const begin = blobAt + NDB_BLOB_HEAD_BYTES;
    yield file.subarray(begin, begin + file.readUInt32LE(blobAt + 12));
  }
}

const BACKENDS = [
  { file: "rpmdb.sqlite", blobs: sqliteBlobs },
  { file: "Packages.db", blobs: ndbBlobs },
  { file: "Packages", blobs: berkeleyHashValues },
];

/** Headers of installed packages, from the first database that the host has. */
export function* rpmPackages(host: Host): Iterable<RpmHeader> {
  for (const folder of FOLDERS) {
    for (const { file, blobs } of BACKENDS) {
      const bytes = readDatabase(host, `${folder}/${file}`);
      if (bytes === null) continue;
      for (const blob of blobs(bytes)) {
        const header = RpmHeader.parse(blob);
        if (header !== null) yield header;
      }
      return;
    }
  }
}
