import { inflateRawSync } from "node:zlib";
import type { Host } from "../host.js";

// APPNOTE.TXT of PKWARE.
const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const localSignature = 0x04034b50;
const endBytes = 22;
const entryBytes = 46;
const localBytes = 30;
const stored = 0;
const deflated = 8;

const maxMemberBytes = 4 * 2 ** 20;

interface Entry {
  readonly method: number;
  readonly compressedSize: number;
  readonly localAt: number;
}

function findEntry(zip: Buffer, member: string): Entry | null {
  const signature = Buffer.alloc(4);
  signature.writeUInt32LE(endSignature);
  const end = zip.lastIndexOf(signature);
  if (end < 0 || end + endBytes > zip.length) return null;
  let at = zip.readUInt32LE(end + 16);
  while (at + entryBytes <= zip.length && zip.readUInt32LE(at) === entrySignature) {
    const nameLength = zip.readUInt16LE(at + 28);
    const nameAt = at + entryBytes;
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
    return inflateRawSync(bytes, { maxOutputLength: maxMemberBytes });
  } catch (error) {
    // Damaged, or larger than any member that a table looks for.
    if (error instanceof Error && "code" in error) return null;
    throw error;
  }
}

function contentOf(zip: Buffer, entry: Entry): Buffer | null {
  const at = entry.localAt;
  if (at + localBytes > zip.length || zip.readUInt32LE(at) !== localSignature) return null;
  const begin = at + localBytes + zip.readUInt16LE(at + 26) + zip.readUInt16LE(at + 28);
  const bytes = zip.subarray(begin, begin + entry.compressedSize);
  if (entry.method === stored) return bytes;
  return entry.method === deflated ? inflate(bytes) : null;
}

/** A member of at most 4 MiB of a ZIP file of at most 64 MiB; null when there is none. */
export function readZipMember(host: Host, path: string, member: string): Buffer | null {
  const zip = host.readFile(path);
  const entry = zip === null ? null : findEntry(zip, member);
  return zip === null || entry === null ? null : contentOf(zip, entry);
}
