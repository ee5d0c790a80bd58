import { createHash } from "node:crypto";
import type { BigIntStats } from "node:fs";
import { LRUCache } from "lru-cache";
import type { Host, OpenFile } from "../host.js";

export type HashName = "md5" | "sha1" | "sha256";

type FileHashes = { readonly [Name in HashName]?: string };

const chunkBytes = 256 * 1024;
const cacheEntries = 500;

/** What makes a cached hash stale: any change of the content changes ctime. */
const identityOf = (stat: BigIntStats): string =>
  [stat.dev, stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join(":");

/** Null when the file cannot be read to its end: a hash of a part would be a wrong one. */
function readHashes(file: OpenFile, names: readonly HashName[]): FileHashes | null {
  const hashes = names.map((name) => ({ name, state: createHash(name) }));
  const buffer = Buffer.allocUnsafe(chunkBytes);
  for (;;) {
    const length = file.read(buffer);
    if (length === null) return null;
    if (length === 0) break;
    for (const { state } of hashes) state.update(buffer.subarray(0, length));
  }
  return Object.fromEntries(hashes.map(({ name, state }) => [name, state.digest("hex")]));
}

/** Hashes of regular files, kept while the file does not change. */
export class HashCache {
  readonly #cache = new LRUCache<string, FileHashes>({ max: cacheEntries });

  /** The named hashes, or more; null when there is no such regular file or it is unreadable. */
  hash(host: Host, path: string, names: readonly HashName[]): FileHashes | null {
    const file = host.openFile(path);
    if (file === null) return null;
    try {
      const stat = file.stat();
      const identity = identityOf(stat);
      const cached = this.#cache.get(identity) ?? {};
      const missing = names.filter((name) => cached[name] === undefined);
      if (missing.length === 0) return cached;
      const read = readHashes(file, missing);
      if (read === null) return null;
      const hashes = { ...cached, ...read };
      // A cached hash of a file that is written right now would outlive what it is a hash of:
      // times of the kernel move once per tick only.
      const ageMs = host.now() - Number(stat.ctimeMs);
      if (ageMs > 2000) this.#cache.set(identity, hashes);
      return hashes;
    } finally {
      file.close();
    }
  }
}
