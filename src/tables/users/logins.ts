import { defineTable } from "../define_table.js";
import type { Host } from "../host.js";
import { shownText } from "../os_string.js";

/** A record of utmp(5). */
interface LoginRecord {
  readonly type: number;
  readonly pid: number;
  readonly tty: string;
  readonly user: string;
  readonly host: string;
  /** Since 1970. */
  readonly seconds: number;
}

const userProcess = 7;
const deadProcess = 8;

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
function* loginRecords(host: Host, path: string): Iterable<LoginRecord> {
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

export const last = defineTable("last", {
  *generate(_request, host) {
    for (const { type, user, tty, pid, seconds, host: from } of loginRecords(
      host,
      "/var/log/wtmp",
    )) {
      if (type !== userProcess && type !== deadProcess) continue;
      yield {
        username: user,
        tty,
        pid,
        type,
        type_name: type === userProcess ? "user-process" : "dead-process",
        time: seconds,
        host: from,
      };
    }
  },
});

// By ut_type (utmp(5)).
const loginTypes = [
  "empty",
  "runlevel",
  "boot_time",
  "new_time",
  "old_time",
  "init",
  "login",
  "user",
  "dead",
  "accounting",
];

export const loggedInUsers = defineTable("logged_in_users", {
  *generate(_request, host) {
    for (const record of loginRecords(host, "/run/utmp")) {
      if (record.pid === 1) continue;
      yield {
        type: loginTypes[record.type] ?? "unknown",
        user: record.user,
        tty: record.tty,
        host: record.host,
        time: record.seconds,
        pid: record.pid,
      };
    }
  },
});
