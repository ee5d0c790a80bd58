import type { Readable } from "node:stream";
import { AuditqlError } from "../errors.js";

/** Reads a stream of text to its end; one that is longer than `maxBytes` is refused. */
export async function readAll(stream: Readable, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    const piece = Buffer.from(chunk);
    bytes += piece.length;
    if (bytes > maxBytes) {
      throw new AuditqlError("usage", `The input exceeds ${maxBytes} bytes.`);
    }
    chunks.push(piece);
  }
  return Buffer.concat(chunks).toString("utf8");
}
