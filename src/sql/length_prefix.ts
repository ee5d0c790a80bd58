/** Bytes of the number that stands before each message. */
export const lengthBytes = 4;

/** A message as JSON behind its length, the form of privileged reads in both directions. */
export function withLength(message: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(message ?? null), "utf8");
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt32LE(body.length);
  return Buffer.concat([length, body]);
}
