import { setTimeout as sleep } from "node:timers/promises";
import { AuditqlError } from "../errors.js";
import type { QueryLimits, QueryRunner } from "../sql/query.js";
import { toProblem } from "./problem.js";
import { readLines } from "./read_rows.js";
import type { EventBounds } from "./server_context.js";
import type { Role } from "./token_holder.js";

export interface EventTail {
  readonly sql: string;
  readonly table: string;
  readonly columns: readonly string[];
  /** Events above this eid are shown. */
  readonly after: number;
  readonly origin: string;
  readonly role: Role;
  readonly runner: QueryRunner;
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
export async function* followEvents(tail: EventTail): AsyncGenerator<string> {
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
      const text = await readPortion(tail, after, upTo);
      if (text !== null) {
        yield text;
        spokeAt = Date.now();
        if (text.startsWith("event: error")) return;
      }
      after = upTo;
      if (after < newest) continue;
    }
    if (Date.now() - spokeAt >= heartbeatMs) {
      // The id lets a client that was cut off go on here, also when nothing matched for long.
      yield `: alive\nid: ${after}\n\n`;
      spokeAt = Date.now();
    }
    await sleep(lookMs, undefined, { signal: tail.signal }).catch(() => {});
  }
}

/** The rows of `after < eid <= upTo` as a message; null when there are none. */
async function readPortion(tail: EventTail, after: number, upTo: number): Promise<string | null> {
  const { sql, table, origin, role, runner } = tail;
  const windows = { [table]: { after, upTo } };
  const request = { sql, format: "ndjson", limits, origin, role, windows } as const;
  try {
    const { lines, outcome } = await readLines(runner.run(request));
    if (outcome.rows === 0) return null;
    tail.onRows(outcome.rows);
    const { truncatedBy } = outcome;
    const data = `{"rows":[${lines.join(",")}],"truncatedBy":${JSON.stringify(truncatedBy)}}`;
    return `event: rows\nid: ${upTo}\ndata: ${data}\n\n`;
  } catch (error) {
    if (!(error instanceof AuditqlError)) throw error;
    return message("error", toProblem(error.code, error.message), after);
  }
}

function message(event: string, data: unknown, id: number): string {
  return `event: ${event}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`;
}
