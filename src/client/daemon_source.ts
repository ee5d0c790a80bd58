import type { IncomingMessage } from "node:http";
import { toAuditqlError } from "../errors.js";
import {
  asCutOff,
  callDaemon,
  type DaemonAddress,
  readDocument,
  unexpected,
} from "./daemon_connection.js";
import { followEvents } from "./follow_events.js";
import { lineBatches } from "./line_batches.js";
import type { AnswerOutcome, QuerySource, Question, TableInfo, TakeRows } from "./query_source.js";

/** Sends SQL to a running daemon. */
export function createDaemonSource(address: DaemonAddress): QuerySource {
  const name = address.kind === "unix" ? address.path : address.url.origin;
  return {
    address: name,
    query: (question, take) => queryDaemon(address, question, take),
    follow: (tail) => followEvents(address, tail),
    async tables() {
      const signal = new AbortController().signal;
      const answer = await callDaemon(address, { method: "GET", path: "/v1/tables", signal });
      const document: unknown = JSON.parse(await readDocument(answer));
      if (!isTablesAnswer(document)) throw unexpected("GET /v1/tables");
      return document.tables;
    },
    async close() {},
  };
}

async function queryDaemon(
  address: DaemonAddress,
  question: Question,
  take: TakeRows,
): Promise<AnswerOutcome> {
  const { signal } = question;
  const body = JSON.stringify({ sql: question.sql, limits: question.limits, format: "shell" });
  const answer = await callDaemon(address, { method: "POST", path: "/v1/query", signal, body });
  // Leaving by an error ends the connection, and with it the query.
  try {
    return readOutcome(await takeAllButLast(answer, take));
  } catch (error) {
    answer.destroy();
    throw asCutOff(signal, error);
  }
}

/** The last line of an NDJSON answer is not a row; without it the answer is not whole. */
async function takeAllButLast(answer: IncomingMessage, take: TakeRows): Promise<string> {
  let last: string | null = null;
  for await (const lines of lineBatches(answer)) {
    const rows = last === null ? lines.slice(0, -1) : [last, ...lines.slice(0, -1)];
    if (rows.length > 0) await take(rows);
    last = lines.at(-1) ?? null;
  }
  return last ?? "";
}

function readOutcome(line: string): AnswerOutcome {
  const report: unknown = line.startsWith("{") ? JSON.parse(line) : null;
  if (!isOutcomeLine(report)) throw unexpected("POST /v1/query");
  const { error } = report.outcome;
  if (error !== null) throw toAuditqlError(error);
  // A daemon of an earlier version tells no warnings.
  const { warnings = [] } = report.outcome;
  return { columns: report.columns, types: report.types, ...report.outcome, warnings };
}

function isTablesAnswer(value: unknown): value is { readonly tables: readonly TableInfo[] } {
  return isObject(value) && Array.isArray(value["tables"]);
}

interface OutcomeLine extends Pick<AnswerOutcome, "columns" | "types"> {
  readonly outcome: Omit<AnswerOutcome, "columns" | "types" | "warnings"> & {
    readonly warnings?: readonly string[];
    readonly error: { readonly code: string; readonly message: string } | null;
  };
}

function isOutcomeLine(value: unknown): value is OutcomeLine {
  if (!isObject(value)) return false;
  const areLists = Array.isArray(value["columns"]) && Array.isArray(value["types"]);
  return areLists && isObject(value["outcome"]);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
