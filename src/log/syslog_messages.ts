import type { LogBatch } from "../schedule/result_sink.js";
import { parseStatusLines, plainStatusLine } from "./status_line.js";

/** What goes to a syslog for one line. */
export interface SyslogMessage {
  /** As in syslog(3): 3 error, 4 warning, 5 notice, 6 info. */
  readonly severity: number;
  readonly text: string;
}

// osquery's severities of status lines: its info is a notice (syslog_logger.cpp).
const statusSeverities = [5, 4, 3];
const informational = 6;

/** The messages of a batch, in order. */
export function syslogMessages(batch: LogBatch, prependCee: boolean): SyslogMessage[] {
  if (batch.kind === "status") {
    return parseStatusLines(batch).map((record) => ({
      severity: statusSeverities[record.severity] ?? informational,
      text: plainStatusLine(record),
    }));
  }
  const cee = prependCee ? "@cee:" : "";
  return batch.lines
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => ({ severity: informational, text: cee + line }));
}
