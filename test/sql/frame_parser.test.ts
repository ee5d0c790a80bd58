import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameParser } from "../../src/sql/frame_parser.js";

function frame(generation: number, payload: string): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32LE(Buffer.byteLength(payload), 0);
  header.writeUInt32LE(generation, 4);
  return Buffer.concat([header, Buffer.from(payload)]);
}

function parse(chunks: readonly Buffer[]): string[] {
  const seen: string[] = [];
  const parser = new FrameParser({
    data: (generation, bytes) => {
      const start = `${generation}:`;
      if (seen.at(-1)?.startsWith(start)) seen[seen.length - 1] += bytes.toString();
      else seen.push(start + bytes.toString());
    },
    end: (generation) => seen.push(`end ${generation}`),
  });
  for (const chunk of chunks) parser.push(chunk);
  return seen;
}

const streamBytes = Buffer.concat([
  frame(1, "hello "),
  frame(1, "world"),
  frame(1, ""),
  frame(2, ""),
  frame(4_294_967_295, "x".repeat(1000)),
  frame(4_294_967_295, ""),
]);
const expected = [
  "1:hello world",
  "end 1",
  "end 2",
  `4294967295:${"x".repeat(1000)}`,
  "end 4294967295",
];

test("frames come out whole however the stream is cut", () => {
  for (let size = 1; size <= streamBytes.length; size += size < 20 ? 1 : 97) {
    const chunks: Buffer[] = [];
    for (let at = 0; at < streamBytes.length; at += size)
      chunks.push(streamBytes.subarray(at, at + size));
    assert.deepEqual(parse(chunks), expected, `pieces of ${size}`);
  }
});

test("payload is handed on before its frame is whole, and is not copied", () => {
  const whole = frame(7, "abcdef");
  const pieces: Buffer[] = [];
  const parser = new FrameParser({ data: (_, bytes) => pieces.push(bytes), end: () => {} });
  const part = whole.subarray(0, 11);
  parser.push(part);
  assert.deepEqual(pieces.map(String), ["abc"]);
  assert.equal(pieces[0]?.buffer, part.buffer);
});
