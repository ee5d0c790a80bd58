import type { Host } from "../host.js";
import { shownText } from "../os_string.js";

/** A record of utmp(5). */
export interface LoginRecord {
  readonly type: number;
  readonly pid: number;
  readonly tty: string;
  readonly user: string;
  readonly host: string;
  /** Since 1970. */
  readonly seconds: number;
}

export const userProcess = 7;
export const deadProcess = 8;

// struct utmpx of glibc. x86-64 keeps the 32-bit times of i386 (__WORDSIZE_TIME64_COMPAT32).
const layout = process.arch === "x64" ? { bytes: 384, seconds: 340 } : { bytes: 400, seconds: 344 };
const recordsAtOnce = 256;

const field = (record: Buffer, start: number, length: number): string => {
  const bytes = record.subarray(start, start + length);
  const end = bytes.indexOf(0);
  return shownText(end < 0 ? bytes : bytes.subarray(0, end));
};

function parseRecord(record: Buffer): LoginRecord {
  return {
    type: record.readInt16LE(0),
    pid: record.readInt32LE(4),
    tty: field(record, 8, 32),
    user: field(record, 44, 32),
    host: field(record, 76, 256),
    seconds: record.readInt32LE(layout.seconds),
  };
}

/** Records of a file such as /var/log/wtmp; one that is cut short at the end is left out. */
export function* loginRecords(host: Host, path: string): Iterable<LoginRecord> {
  const file = host.openFile(path);
  if (file === null) return;
  try {
    const buffer = Buffer.alloc(layout.bytes * recordsAtOnce);
    for (let filled = file.read(buffer); filled; filled = file.read(buffer)) {
      for (let at = 0; at + layout.bytes <= filled; at += layout.bytes) {
        yield parseRecord(buffer.subarray(at, at + layout.bytes));
      }
    }
  } finally {
    file.close();
  }
}
