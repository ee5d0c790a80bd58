import Database from "better-sqlite3";
import type { Host } from "../host.js";
import { berkeleyHashValues } from "./berkeley_hash.js";
import { RpmHeader } from "./rpm_header.js";

// The second is where image-based distributions keep it.
const folders = ["/var/lib/rpm", "/usr/lib/sysimage/rpm"];
const maxDatabaseBytes = 512 * 2 ** 20;

/** A whole file, larger than Host.readFile() takes; null when it is absent or larger still. */
function readDatabase(host: Host, path: string): Buffer | null {
  const file = host.openFile(path);
  if (file === null) return null;
  try {
    const size = Number(file.stat().size);
    if (size > maxDatabaseBytes) return null;
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
const writeVersionAt = 18;
const readVersionAt = 19;
const noLog = 1;

/** Blobs of rpmdb.sqlite, which is read and not opened: it may be another container's. */
function* sqliteBlobs(file: Buffer): Iterable<Buffer> {
  if (file.length <= readVersionAt) return;
  file[writeVersionAt] = noLog;
  file[readVersionAt] = noLog;
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
const ndbSlotPagesAt = 12;
const ndbPageBytes = 4096;
const ndbHeaderBytes = 32;
const ndbSlotBytes = 16;
const ndbBlockBytes = 16;
const ndbBlobHeadBytes = 16;

function* ndbBlobs(file: Buffer): Iterable<Buffer> {
  if (file.toString("latin1", 0, 4) !== "RpmP" || file.length < ndbPageBytes) return;
  const slotsEnd = Math.min(file.readUInt32LE(ndbSlotPagesAt) * ndbPageBytes, file.length);
  for (let at = ndbHeaderBytes; at + ndbSlotBytes <= slotsEnd; at += ndbSlotBytes) {
    const packageIndex = file.readUInt32LE(at + 4);
    const blobAt = file.readUInt32LE(at + 8) * ndbBlockBytes;
    if (packageIndex === 0 || blobAt + ndbBlobHeadBytes > file.length) continue;
    const begin = blobAt + ndbBlobHeadBytes;
    yield file.subarray(begin, begin + file.readUInt32LE(blobAt + 12));
  }
}

const backends = [
  { file: "rpmdb.sqlite", blobs: sqliteBlobs },
  { file: "Packages.db", blobs: ndbBlobs },
  { file: "Packages", blobs: berkeleyHashValues },
];

/** Headers of installed packages, from the first database that the host has. */
export function* readRpmPackages(host: Host): Iterable<RpmHeader> {
  for (const folder of folders) {
    for (const { file, blobs } of backends) {
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
