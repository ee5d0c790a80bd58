import { createHash } from "node:crypto";
import { openSync, statSync } from "node:fs";
import type { ExecutableRequest } from "../../src/native/enrichment_store.js";

// Not in fs.constants; open(2).
const oPath = 0o10000000;

/** A request about a file as it is now, with a descriptor as capture would hold it. */
export function requestFor(path: string | Buffer): ExecutableRequest {
  const stat = statSync(path, { bigint: true });
  return {
    // Sixteen bytes, as the data plane gives it, of file, state and path: inodes are given again.
    id: createHash("md5").update(`${stat.ino}:${stat.ctimeNs}:`).update(path).digest(),
    path: Buffer.from(path),
    device: `${stat.dev}`,
    inode: stat.ino,
    size: Number(stat.size),
    mtimeNs: stat.mtimeNs,
    ctimeNs: stat.ctimeNs,
    timeNs: 1n,
    byProcess: false,
    heldFd: openSync(path, oPath),
  };
}
