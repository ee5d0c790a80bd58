const newline = 0x0a;

/** Splits bytes into lines without their newlines: all that a chunk completes come at once. */
export async function* lineBatches(
  chunks: AsyncIterable<Buffer>,
): AsyncGenerator<readonly string[]> {
  let torn: Buffer[] = [];
  for await (const chunk of chunks) {
    const end = chunk.lastIndexOf(newline);
    if (end < 0) {
      torn.push(chunk);
      continue;
    }
    yield Buffer.concat([...torn, chunk.subarray(0, end)])
      .toString("utf8")
      .split("\n");
    torn = end + 1 < chunk.length ? [chunk.subarray(end + 1)] : [];
  }
  if (torn.length > 0) yield [Buffer.concat(torn).toString("utf8")];
}
