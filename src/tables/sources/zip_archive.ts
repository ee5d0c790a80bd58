import { inflateRawSync } from "node:zlib";
import type { Host } from "../host.js";

// APPNOTE.TXT of PKWARE.
const END_SIGNATURE = 0x06054b50;
const ENTRY_SIGNATURE = 0x02014b50;
const LOCAL_SIGNATURE = 0x04034b50;
const END_BYTES = 22;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
const STORED = 0;
const DEFLATED = 8;

const MAX_MEMBER_BYTES = 4 * 2 ** 20;

interface Entry {
  readonly method: number;
  readonly compressedSize: number;
  readonly localAt: number;
}

function findEntry(zip: Buffer, member: string): Entry | null {
  const signature = Buffer.alloc(4);
  signature.writeUInt32LE(END_SIGNATURE);
  const end = zip.lastIndexOf(signature);
  if (end < 0 || end + END_BYTES > zip.length) return null;
  let at = zip.readUInt32LE(end + 16);
  while (at + ENTRY_BYTES <= zip.length && zip.readUInt32LE(at) === ENTRY_SIGNATURE) {
    const nameLength = zip.readUInt16LE(at + 28);
    const nameAt = at + ENTRY_BYTES;
    if (zip.toString("utf8", nameAt, nameAt + nameLength) === member) {
      return {
        method: zip.readUInt16LE(at + 10),
        compressedSize: zip.readUInt32LE(at + 20),
        localAt: zip.readUInt32LE(at + 42),
      };
    }
    at = nameAt + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return null;
}

function inflate(bytes: Buffer): Buffer | null {
  try {
    return inflateRawSync(bytes, { maxOutputLength: MAX_MEMBER_BYTES });
  } catch (error) {
    // Damaged, or larger than any member that a table looks for.
    if (error instanceof Error && "code" in error) return null;
    throw error;
  }
}

function contentOf(zip: Buffer, entry: Entry): Buffer | null {
  const at = entry.localAt;
  if (at + LOCAL_BYTES > zip.length || zip.readUInt32LE(at) !== LOCAL_SIGNATURE) return null;
  const begin = at + LOCAL_BYTES + zip.readUInt16LE(at + 26) + zip.readUInt16LE(at + 28);
  const bytes = zip.subarray(begin, begin + entry.compressedSize);
  if (entry.method === STORED) return bytes;
  return entry.method === DEFLATED ? inflate(bytes) : null;
}

/** A member of at most 4 MiB of a ZIP file of at most 64 MiB; null when there is none. */
export function readZipMember(host: Host, path: string, member: string): Buffer | null {
  const zip = host.readFile(path);
  const entry = zip === null ? null : findEntry(zip, member);
  return zip === null || entry === null ? null : contentOf(zip, entry);
}
