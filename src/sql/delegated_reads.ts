import { readSync, writeSync } from "node:fs";
import type { PrivilegedRead, PrivilegedReads } from "../tables/privileged_reads.js";
import { lengthBytes, withLength } from "./length_prefix.js";

/** Reads by way of the daemon, over a pipe with a descriptor of this process. Each waits for its
 * answer: a table is generated inside a call of SQLite. */
export function delegatedReads(fd: number): PrivilegedReads {
  // What the daemon answers is of the type that it was asked for: it runs the same version.
  const ask = <T>(read: PrivilegedRead): T => {
    writeWhole(fd, withLength(read));
    const length = readWhole(fd, lengthBytes).readUInt32LE();
    return JSON.parse(readWhole(fd, length).toString("utf8")) as T;
  };
  return {
    packetFilter: () => ask({ read: "packetFilter", of: [] }),
    setting: (path) => ask({ read: "setting", of: [path] }),
    units: (columns) => ask({ read: "units", of: [columns] }),
    service: (name, target) => ask({ read: "service", of: [name, target] }),
  };
}

function writeWhole(fd: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
}

function readWhole(fd: number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size; ) {
    const length = readSync(fd, bytes, at, size - at, null);
    if (length === 0) throw new Error("the daemon no longer reads for its query workers");
    at += length;
  }
  return bytes;
}
