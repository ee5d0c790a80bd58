import { setTimeout as sleep } from "node:timers/promises";
import type { QueryLimits } from "../config/query_limits.js";
import { AuditqlError } from "../errors.js";
import type { RunningQuery } from "../sql/query.js";
import type { RequestedQuery } from "./limits/query_admission.js";
import { toProblem } from "./problem_details.js";
import { readLines } from "./read_rows.js";
import type { EventBounds } from "./server_context.js";

export interface EventTail {
  readonly sql: string;
  readonly format: "ndjson" | "shell";
  readonly table: string;
  readonly columns: readonly string[];
  /** Events above this eid are shown. */
  readonly after: number;
  /** Runs a query for its client once it is its turn; `signal` ends the wait. */
  readonly run: (request: RequestedQuery, signal: AbortSignal) => Promise<RunningQuery>;
  readonly bounds: () => EventBounds;
  /** Ends the tail. */
  readonly signal: AbortSignal;
  readonly onRows: (rows: number) => void;
  /** Counts events that this client was not shown. */
  readonly onMissed: (events: number) => void;
}

/** How soon an event is looked for; with the query itself well within 250 ms. */
const lookMs = 75;
const heartbeatMs = 10_000;
/** Events that one query reads. */
const maxEventsPerQuery = 2000;
/** A client that is further behind goes on with the newest, and is told how many it missed. */
const maxBehind = 20_000;

const limits: QueryLimits = {
  timeoutMs: 5000,
  maxRows: 10_000,
  maxBytes: 4 * 1024 * 1024,
  maxMemoryBytes: 256 * 1024 * 1024,
};

/**
 * Server-Sent Events: `start`, then `rows` with the id of the newest event that they stand for,
 * `missed` where events left the table or were skipped, comments as heartbeats, and `error` as the
 * last. Reading slowly slows the queries down: nothing is piled up for a client.
 */
export async function* tailEvents(tail: EventTail): AsyncGenerator<string> {
  let after = tail.after;
  let spokeAt = Date.now();
  yield message("start", { table: tail.table, columns: tail.columns, after }, after);
  while (!tail.signal.aborted) {
    const { firstEid, nextEid } = tail.bounds();
    const newest = nextEid - 1;
    const start = Math.max(after, firstEid - 1, newest - maxBehind);
    if (start > after) {
      tail.onMissed(start - after);
      yield message("missed", { events: start - after }, start);
      after = start;
    }
    if (newest > after) {
      const upTo = Math.min(newest, after + maxEventsPerQuery);
      const portion = await readPortion(tail, after, upTo);
      if (portion.text !== null) {
        yield portion.text;
        spokeAt = Date.now();
      }
      if (portion.kind === "failed") return;
      if (portion.kind === "read") after = upTo;
      if (portion.kind === "read" && after < newest) continue;
    }
    if (Date.now() - spokeAt >= heartbeatMs) {
      // The id lets a client that was cut off go on here, also when nothing matched for long.
      yield `: alive\nid: ${after}\n\n`;
      spokeAt = Date.now();
    }
    await sleep(lookMs, undefined, { signal: tail.signal }).catch(() => {});
  }
}

interface Portion {
  /** `busy`: no worker was free; the same events are read later. */
  readonly kind: "read" | "busy" | "failed";
  /** A message; null when there is nothing to tell. */
  readonly text: string | null;
}

/** The rows of `after < eid <= upTo`. */
async function readPortion(tail: EventTail, after: number, upTo: number): Promise<Portion> {
  const { sql, format, table } = tail;
  const windows = { [table]: { after, upTo } };
  const request = { sql, format, limits, windows } as const;
  const patience = AbortSignal.timeout(heartbeatMs);
  try {
    const query = await tail.run(request, AbortSignal.any([tail.signal, patience]));
    const { lines, outcome } = await readLines(query);
    if (outcome.rows === 0) return { kind: "read", text: null };
    tail.onRows(outcome.rows);
    const { truncatedBy } = outcome;
    const data = `{"rows":[${lines.join(",")}],"truncatedBy":${JSON.stringify(truncatedBy)}}`;
    return { kind: "read", text: `event: rows\nid: ${upTo}\ndata: ${data}\n\n` };
  } catch (error) {
    if (!(error instanceof AuditqlError)) throw error;
    const isBusy =
      error.code === "too_many_queries" || (error.code === "query_cancelled" && patience.aborted);
    if (isBusy) return { kind: "busy", text: null };
    const text = message("error", toProblem(error.code, error.message), after);
    return { kind: "failed", text };
  }
}

function message(event: string, data: unknown, id: number): string {
  return `event: ${event}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`;
}
