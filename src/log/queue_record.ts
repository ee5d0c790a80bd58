import { createHash } from "node:crypto";
import type { LogBatch } from "../schedule/result_sink.js";

/** A batch as it stands in a file of the queue. */
export interface QueueRecord {
  /** Null where the disk has damaged it. */
  readonly batch: LogBatch | null;
  /** Lines of it. */
  readonly count: number;
  /** Size in the file. */
  readonly bytes: number;
}

interface Header extends Omit<LogBatch, "lines"> {
  readonly bytes: number;
  /** Checksum; records of older versions have none. */
  readonly sum?: string;
}

const newline = 0x0a;

/** A line of JSON that says what follows, then the lines of the batch as they are. */
export function encodeRecord({ lines, ...about }: LogBatch): Buffer {
  const header: Header = { ...about, bytes: lines.length, sum: sumOf(about, lines) };
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), lines]);
}

/** The header is a part of it: a wrong count or name is damage, too. */
function sumOf(about: Omit<LogBatch, "lines">, lines: Buffer): string {
  const hash = createHash("sha256").update(JSON.stringify(about)).update(lines);
  return hash.digest("hex").slice(0, 16);
}

/** Whole records from the start of a file; `consumed` is where they end.
 * What follows them was torn by the end of the process, or is damaged. */
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
    const { bytes: _, sum, ...about } = header;
    const lines = bytes.subarray(start, end);
    const isWhole = sum === undefined || sum === sumOf(about, lines);
    const batch = isWhole ? { ...about, lines } : null;
    records.push({ batch, count: header.count, bytes: end - consumed });
    consumed = end;
  }
  return { records, consumed };
}

function parseHeader(bytes: Buffer): Header | null {
  try {
    const header: Header = JSON.parse(bytes.toString("utf8"));
    return Number.isInteger(header.bytes) && Number.isInteger(header.count) ? header : null;
  } catch {
    // A torn write: what is here never became a record.
    return null;
  }
}
