import { jsonString } from "../schedule/json_string.js";
import { calendarTime } from "../schedule/result_format.js";

/** Severity as osquery numbers it. */
export const severities = ["INFO", "WARNING", "ERROR"] as const;

/** One status line. */
export interface StatusRecord {
  readonly hostIdentifier: string;
  readonly unixTime: number;
  /** Index into `severities`. */
  readonly severity: number;
  /** Part of auditql that says it. */
  readonly filename: string;
  readonly line: number;
  readonly message: string;
  readonly version: string;
}

/** The JSON form that osquery sends to its remote loggers, with its order of keys. */
export function statusJson(record: StatusRecord): string {
  return `{${[
    `"hostIdentifier":${jsonString(record.hostIdentifier)}`,
    `"calendarTime":"${calendarTime(record.unixTime)}"`,
    `"unixTime":${record.unixTime}`,
    `"severity":${record.severity}`,
    `"filename":${jsonString(record.filename)}`,
    `"line":${record.line}`,
    `"message":${jsonString(record.message)}`,
    `"version":${jsonString(record.version)}`,
  ].join(",")}}`;
}

/** Reads back lines of statusJson(). */
export function parseStatusLines(lines: Buffer): StatusRecord[] {
  return lines
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line): StatusRecord => JSON.parse(line));
}

const digits = (value: number, width: number) => String(value).padStart(width, "0");

/** A line as glog writes it to osqueryd.INFO; times are UTC, as in osquery. */
export function glogLine(record: StatusRecord): string {
  const date = new Date(record.unixTime * 1000);
  const day = digits(date.getUTCMonth() + 1, 2) + digits(date.getUTCDate(), 2);
  const clock = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()];
  const time = `${clock.map((part) => digits(part, 2)).join(":")}.000000`;
  const letter = severities[record.severity]?.[0] ?? "I";
  const thread = String(process.pid).padStart(5, " ");
  return `${letter}${day} ${time} ${thread} ${record.filename}:${record.line}] ${record.message}`;
}

/** A line as osquery writes it to syslog and stdout. */
export function plainStatusLine(record: StatusRecord): string {
  return `severity=${record.severity} location=${record.filename}:${record.line} message=${record.message}`;
}
