import { AuditqlError } from "../errors.js";
import type { QueryOutcome } from "../native/addon.js";
import type { QueryRequest, RunningQuery } from "../sql/query.js";
import type { Requester } from "./requester.js";
import type { ServerContext } from "./server_context.js";

/** Lets a bounded number of ad-hoc queries run at once, over all listeners together. */
export interface QueryAdmission {
  /** Starts the query, or throws `too_many_queries`. Who asked and what came of it is logged. */
  start(request: QueryRequest, requester: Requester): RunningQuery;
  /** Settles once none of its queries is under way. */
  ended(): Promise<void>;
}

export function createQueryAdmission(context: ServerContext): QueryAdmission {
  const count = (metric: string) => context.counter({ stage: "serve", name: "query", metric });
  const seen = count("seen");
  const depth = count("queue_depth");
  const rows = count("rows_returned");
  const active = new Set<Promise<void>>();

  function settle(request: QueryRequest, requester: Requester, outcome: QueryOutcome): void {
    rows.add(outcome.rows);
    const { caller, peer } = requester;
    context.logger.info(
      { event: "query", caller, peer, ...auditRecord(request, outcome) },
      `query by ${peer} (${caller}): ${outcome.error?.code ?? `${outcome.rows} rows`} in ${Math.round(outcome.elapsedMs)} ms: ${request.sql}`,
    );
  }

  return {
    start(request, requester) {
      if (active.size >= context.limits.concurrentQueries) {
        throw new AuditqlError(
          "too_many_queries",
          `${active.size} ad-hoc queries run already, and no more are allowed. Try again when one has ended.`,
        );
      }
      const query = context.runner.run(request);
      // The outcome never rejects, so that the slot is always given back.
      const end = query.outcome.then((outcome) => {
        active.delete(end);
        depth.set(active.size);
        settle(request, requester, outcome);
      });
      active.add(end);
      seen.add();
      depth.set(active.size);
      return query;
    },
    async ended() {
      await Promise.all(active);
    },
  };
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
