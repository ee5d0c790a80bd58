import type { LogBatch } from "../schedule/result_sink.js";

/** A batch as it stands in a file of the queue. */
export interface QueueRecord {
  readonly batch: LogBatch;
  /** Size in the file. */
  readonly bytes: number;
}

interface Header extends Omit<LogBatch, "lines"> {
  readonly bytes: number;
}

const newline = 0x0a;

/** A line of JSON that says what follows, then the lines of the batch as they are. */
export function encodeRecord({ lines, ...about }: LogBatch): Buffer {
  const header: Header = { ...about, bytes: lines.length };
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), lines]);
}

/** Whole records from the start of a file; `consumed` is where they end. */
export function decodeRecords(bytes: Buffer): {
  readonly records: readonly QueueRecord[];
  readonly consumed: number;
} {
  const records: QueueRecord[] = [];
  let consumed = 0;
  while (consumed < bytes.length) {
    const headerEnd = bytes.indexOf(newline, consumed);
    const header = headerEnd < 0 ? null : parseHeader(bytes.subarray(consumed, headerEnd));
    if (header === null) break;
    const start = headerEnd + 1;
    const end = start + header.bytes;
    if (end > bytes.length) break;
    const { bytes: _, ...about } = header;
    const lines = bytes.subarray(start, end);
    records.push({ batch: { ...about, lines }, bytes: end - consumed });
    consumed = end;
  }
  return { records, consumed };
}

function parseHeader(bytes: Buffer): Header | null {
  try {
    const header: Header = JSON.parse(bytes.toString("utf8"));
    return Number.isInteger(header.bytes) ? header : null;
  } catch {
    // A torn write: what is here never became a record.
    return null;
  }
}
