import type { LogBatch } from "../schedule/result_sink.js";
import type { LoggerContext } from "./logger.js";
import { shortenLine, shortenText } from "./shorten_line.js";
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

/** Counts what becomes of messages that are too long for their receiver. */
export interface LengthCounts {
  onShortened(): void;
  onDropped(): void;
}

export function countLengths(counter: LoggerContext["counter"]): LengthCounts {
  return {
    onShortened: () => counter("shortened").add(1),
    onDropped: () => counter("dropped", "too_long").add(1),
  };
}

export interface MessageBound extends LengthCounts {
  /** Bytes of the text. */
  readonly maxBytes: number;
}

/** Messages that the receiver takes whole: each is still JSON, or plain text, as before. */
export function boundMessages(
  messages: readonly SyslogMessage[],
  bound: MessageBound,
): SyslogMessage[] {
  return messages.flatMap((message) => {
    if (Buffer.byteLength(message.text) <= bound.maxBytes) return [message];
    const text = shorten(message.text, bound.maxBytes);
    if (text === null) bound.onDropped();
    else bound.onShortened();
    return text === null ? [] : [{ ...message, text }];
  });
}

const ceeMark = "@cee:";

function shorten(text: string, maxBytes: number): string | null {
  if (text.startsWith(ceeMark)) {
    const line = shortenLine(text.slice(ceeMark.length), maxBytes - ceeMark.length);
    return line === null ? null : ceeMark + line;
  }
  return text.startsWith("{") ? shortenLine(text, maxBytes) : shortenText(text, maxBytes);
}

/** The messages of a batch, in order. */
export function syslogMessages(batch: LogBatch, prependCee: boolean): SyslogMessage[] {
  if (batch.kind === "status") {
    return parseStatusLines(batch).map((record) => ({
      severity: statusSeverities[record.severity] ?? informational,
      text: plainStatusLine(record),
    }));
  }
  const cee = prependCee ? ceeMark : "";
  return batch.lines
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => ({ severity: informational, text: cee + line }));
}
