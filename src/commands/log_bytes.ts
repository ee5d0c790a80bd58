import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { OutputClosed } from "../client/text_sink.js";
import { AuditqlError, errnoOf } from "../errors.js";
import { fileReason } from "../util/file_reason.js";

/** First bytes of a gzip file (RFC 1952, section 2.3.1). */
const gzipMagic = Buffer.from([0x1f, 0x8b]);

/** Takes the next bytes; what follows is not read before it has settled. */
type TakeBytes = (bytes: Buffer) => void | Promise<void>;

/** Hands the bytes of a log to `take`, unpacked where they are gzip, whatever the file's name. */
export async function readLog(path: string, stdin: Readable, take: TakeBytes): Promise<void> {
  const input = path === "-" ? stdin : createReadStream(path, { highWaterMark: 256 * 1024 });
  try {
    const chunks = toBuffers(input);
    const { value: first } = await chunks.next();
    if (first === undefined) return;
    const all = startingWith(first, chunks);
    if (first.subarray(0, 2).equals(gzipMagic)) await unpack(all, take);
    else for await (const chunk of all) await take(chunk);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

async function unpack(packed: AsyncIterable<Buffer>, take: TakeBytes): Promise<void> {
  await pipeline(packed, createGunzip({ chunkSize: 256 * 1024 }), async (unpacked) => {
    for await (const chunk of unpacked) await take(Buffer.from(chunk));
  });
}

/** A first chunk of one byte would hide what the file is: chunks of pipes are joined to two. */
async function* toBuffers(input: Readable): AsyncGenerator<Buffer, undefined> {
  let held: Buffer = Buffer.alloc(0);
  for await (const chunk of input) {
    held = held.length === 0 ? Buffer.from(chunk) : Buffer.concat([held, Buffer.from(chunk)]);
    if (held.length < gzipMagic.length) continue;
    yield held;
    held = Buffer.alloc(0);
  }
  if (held.length > 0) yield held;
}

async function* startingWith(first: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* rest;
}

function unreadable(path: string, cause: unknown): Error {
  if (cause instanceof AuditqlError || cause instanceof OutputClosed) return cause;
  const reasons: Readonly<Record<string, string>> = {
    EISDIR: "it is a directory; give the files in it",
    Z_BUF_ERROR: "the gzip data is truncated",
    Z_DATA_ERROR: "the gzip data is corrupt",
  };
  const reason = reasons[errnoOf(cause)] ?? fileReason(cause);
  return new AuditqlError("file_unreadable", `${path}: ${reason}`, { cause });
}
