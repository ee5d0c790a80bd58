import { jsonString } from "../schedule/json_string.js";
import { calendarTime } from "../schedule/result_format.js";
import type { LogBatch } from "../schedule/result_sink.js";

/** Severity as osquery numbers it. */
export const severities = ["INFO", "WARNING", "ERROR"] as const;

/** One status line. */
export interface StatusRecord {
  readonly hostIdentifier: string;
  readonly unixTime: number;
  /** Of the same time, 0 to 999,999. */
  readonly microseconds: number;
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

/** Reads back lines of statusJson(), with the microseconds that went beside them. */
export function parseStatusLines({ lines, microseconds = [] }: StatusLines): StatusRecord[] {
  return lines
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line, at): StatusRecord => {
      const record: Omit<StatusRecord, "microseconds"> = JSON.parse(line);
      return { ...record, microseconds: microseconds[at] ?? 0 };
    });
}

type StatusLines = Pick<LogBatch, "lines" | "microseconds">;

const digits = (value: number, width: number) => String(value).padStart(width, "0");

/** A line as glog writes it to osqueryd.INFO; times are UTC, as in osquery. */
export function glogLine(record: StatusRecord): string {
  const date = new Date(record.unixTime * 1000);
  const day = digits(date.getUTCMonth() + 1, 2) + digits(date.getUTCDate(), 2);
  const clock = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()];
  const time = `${clock.map((part) => digits(part, 2)).join(":")}.${digits(record.microseconds, 6)}`;
  const letter = severities[record.severity]?.[0] ?? "I";
  const thread = String(process.pid).padStart(5, " ");
  return `${letter}${day} ${time} ${thread} ${record.filename}:${record.line}] ${oneLine(record.message)}`;
}

/** A line as osquery writes it to syslog and stdout. */
export function plainStatusLine(record: StatusRecord): string {
  return `severity=${record.severity} location=${record.filename}:${record.line} message=${oneLine(record.message)}`;
}

/** Whoever may ask a query writes a part of a message: it must not make a line of its own, nor drive
 * the terminal of who reads it. */
function oneLine(message: string): string {
  return message.replace(/(?!\t)[\p{Cc}\p{Zl}\p{Zp}]/gu, (character) => {
    if (character === "\n") return "\\n";
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
