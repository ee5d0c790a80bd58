const newline = 0x0a;

/** Cuts result text into its rows, without their newlines. Memory is bounded by the query's limits. */
export async function readRawRows(output: AsyncIterable<Buffer>): Promise<Buffer[]> {
  const rows: Buffer[] = [];
  let pending: Buffer[] = [];
  for await (const chunk of output) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      const piece = chunk.subarray(start, end);
      const row = pending.length === 0 ? piece : Buffer.concat([...pending, piece]);
      pending = [];
      if (row.length > 0) rows.push(row);
      start = end + 1;
    }
    if (start < chunk.length) pending.push(chunk.subarray(start));
  }
  if (pending.length > 0) rows.push(Buffer.concat(pending));
  return rows;
}
