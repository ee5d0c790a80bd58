import type { QueryOutcome } from "../native/connection.js";
import type { QueryRequest, RunningQuery } from "../sql/query.js";
import type { Requester } from "./requester.js";
import type { ServerContext } from "./server_context.js";
import { TurnQueue } from "./turn_queue.js";

/** Lets a bounded number of ad-hoc queries run at once, over all listeners together; a bounded
 * number of others waits. */
export interface QueryAdmission {
  /** Starts the query once it is its turn, or rejects with `too_many_queries`. Who asked and what
   * came of it is logged. `signal` takes it back while it waits. */
  start(
    request: QueryRequest,
    requester: Requester,
    options?: { readonly signal?: AbortSignal },
  ): Promise<RunningQuery>;
  /** Sends away what waits, and what comes. */
  close(): void;
  /** Settles once none of its queries is under way. */
  ended(): Promise<void>;
}

export function createQueryAdmission(context: ServerContext): QueryAdmission {
  const count = (metric: string) => context.counter({ stage: "serve", name: "query", metric });
  const seen = count("seen");
  const running = count("running");
  const waiting = count("queue_depth");
  const rows = count("rows_returned");
  const active = new Set<Promise<void>>();
  const { concurrentQueries, waitingQueries, waitingBytes, queryWaitMs } = context.limits;
  const turns = new TurnQueue({
    turns: concurrentQueries,
    maxWaiting: waitingQueries,
    maxWaitingBytes: waitingBytes,
    maxWaitMs: queryWaitMs,
    onChange: (taken, waiters) => {
      running.set(taken);
      waiting.set(waiters);
    },
  });

  function settle(request: QueryRequest, requester: Requester, outcome: QueryOutcome): void {
    rows.add(outcome.rows);
    const { caller, peer } = requester;
    context.logger.info(
      { event: "query", caller, peer, ...auditRecord(request, outcome) },
      `query by ${peer} (${caller}): ${outcome.error?.code ?? `${outcome.rows} rows`} in ${Math.round(outcome.elapsedMs)} ms: ${request.sql}`,
    );
  }

  return {
    async start(request, requester, options = {}) {
      const end = await turns.take({
        caller: requester.caller,
        bytes: heldBytes(request),
        ...options,
      });
      const query = context.runner.run(request);
      // The outcome never rejects, so that the turn is always given back.
      const ended = query.outcome.then((outcome) => {
        active.delete(ended);
        end();
        settle(request, requester, outcome);
      });
      active.add(ended);
      seen.add();
      return query;
    },
    close: () => turns.close(),
    async ended() {
      await Promise.all(active);
    },
  };
}

/** What a statement takes while it waits: at most two bytes for each character of a text. */
function heldBytes({ sql, parameters = [] }: QueryRequest): number {
  const texts = Object.values(parameters).filter((value) => typeof value === "string");
  return [sql, ...texts].reduce((bytes, text) => bytes + 2 * text.length, 0);
}

/** What the log keeps of every ad-hoc query: who, what, rows and time. */
function auditRecord(request: QueryRequest, outcome: QueryOutcome) {
  return {
    origin: request.origin,
    sql: request.sql,
    rows: outcome.rows,
    bytes: outcome.bytes,
    elapsedMs: outcome.elapsedMs,
    truncatedBy: outcome.truncatedBy,
    error: outcome.error?.code ?? null,
  };
}
