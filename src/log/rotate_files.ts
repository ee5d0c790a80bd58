import { createReadStream, createWriteStream } from "node:fs";
import { readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import * as zlib from "node:zlib";

const zstdChecksumFlag = 201;

/** Zstandard as osquery uses, where this Node has it (22.15 and later); gzip elsewhere. Both with length
 * and checksum, so that damage of an archived log is found. */
function compressor(): { readonly extension: string; create(bytes: number): Transform } {
  if ("createZstdCompress" in zlib && typeof zlib.createZstdCompress === "function") {
    const create = zlib.createZstdCompress as (options: object) => Transform;
    const options = (bytes: number) => ({
      // Named here, for the types of the oldest Node do not know it (ZSTD_c_checksumFlag of zstd.h).
      params: { [zstdChecksumFlag]: 1 },
      pledgedSrcSize: bytes,
    });
    return { extension: "zst", create: (bytes) => create(options(bytes)) };
  }
  return { extension: "gz", create: () => zlib.createGzip() };
}

interface RotatedFile {
  readonly path: string;
  readonly number: number;
  /** What follows the number, e.g. `.gz`. */
  readonly extension: string;
}

async function rotatedFiles(path: string): Promise<RotatedFile[]> {
  const folder = dirname(path);
  const prefix = `${basename(path)}.`;
  const names = await readdir(folder);
  return names.flatMap((name) => {
    if (!name.startsWith(prefix)) return [];
    const match = /^(\d+)(\.zst|\.gz)?$/.exec(name.slice(prefix.length));
    if (match === null) return [];
    const [, number, extension = ""] = match;
    return [{ path: join(folder, name), number: Number(number), extension }];
  });
}

/**
 * Moves a log file to `.1`, and those before it one further; the highest numbers go once there are
 * `maxFiles`. Lines are only moved, so a crash at any point loses none.
 */
export async function rotateFiles(path: string, maxFiles: number): Promise<void> {
  const rotated = await rotatedFiles(path);
  for (const file of rotated.toSorted((a, b) => b.number - a.number)) {
    if (file.number >= maxFiles) await rm(file.path, { force: true });
    else await rename(file.path, `${path}.${file.number + 1}${file.extension}`);
  }
  if (maxFiles > 0) await rename(path, `${path}.1`);
  else await rm(path, { force: true });
}

/** Compresses rotated files but `.1`, which log shippers may still be reading. */
export async function compressRotated(path: string, mode: number): Promise<void> {
  const { extension, create } = compressor();
  for (const file of await rotatedFiles(path)) {
    if (file.number < 2 || file.extension !== "") continue;
    const unfinished = `${file.path}.unfinished`;
    const output = createWriteStream(unfinished, { mode });
    const { size } = await stat(file.path);
    await pipeline(createReadStream(file.path), create(size), output);
    await rename(unfinished, `${file.path}.${extension}`);
    await rm(file.path);
  }
}
