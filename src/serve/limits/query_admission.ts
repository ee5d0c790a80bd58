import type { StatementInfo } from "../../native/connection.js";
import type { Counter } from "../../native/engine.js";
import type { QueryRequest, RunningQuery } from "../../sql/query.js";
import type { Requester } from "../auth/caller.js";
import { QueryLog } from "../query_log.js";
import type { ServerContext } from "../server_context.js";
import { FairQueue, waitedTooLong } from "./fair_queue.js";

/** Workers beside those of all, for root on the unix socket. */
export const reservedWorkers = 1;

/** A query of a requester, who has its origin and role. */
export type RequestedQuery = Omit<QueryRequest, "origin" | "role">;

/** Lets as many ad-hoc queries run at once as there are workers for them, over all listeners
 * together; a bounded number of others waits. */
export interface QueryAdmission {
  /** Starts the query once it is its turn, or rejects with `too_many_queries`. Who asked and what
   * came of it is logged. `signal` takes it back while it waits. */
  start(
    request: RequestedQuery,
    requester: Requester,
    options?: WaitOptions,
  ): Promise<RunningQuery>;
  /** Prepares a statement in a turn of the caller's. */
  inspect(sql: string, requester: Requester, options?: WaitOptions): Promise<StatementInfo>;
  /** Runs a query of a client that follows events in a turn of its caller's; it is not logged. */
  follow(
    request: RequestedQuery,
    requester: Requester,
    options: WaitOptions,
  ): Promise<RunningQuery>;
  /** Sends away what waits, and what comes. */
  close(): void;
  /** Settles once none of its queries is under way. */
  ended(): Promise<void>;
}

interface WaitOptions {
  readonly signal?: AbortSignal;
}

export function createQueryAdmission(context: ServerContext): QueryAdmission {
  return new Admission(context);
}

class Admission implements QueryAdmission {
  readonly #context: ServerContext;
  readonly #turns: FairQueue;
  readonly #active = new Set<Promise<void>>();
  readonly #running: Counter;
  readonly #depth: Counter;
  readonly #seen: Counter;
  readonly #rows: Counter;
  readonly #log: QueryLog;
  /** Queries that have a turn, of them those that no worker has taken, and those without one. */
  #taken = 0;
  #starting = 0;
  #waiting = 0;

  constructor(context: ServerContext) {
    const { concurrentQueries, waitingQueries, waitingBytes, queryWaitMs } = context.limits;
    this.#context = context;
    const count = (metric: string) => context.counter({ stage: "serve", name: "query", metric });
    this.#running = count("running");
    this.#depth = count("queue_depth");
    this.#seen = count("seen");
    this.#rows = count("rows_returned");
    this.#log = new QueryLog(context.logger);
    this.#turns = new FairQueue({
      turns: concurrentQueries,
      reserved: reservedWorkers,
      maxWaiting: waitingQueries,
      maxWaitingBytes: waitingBytes,
      maxWaitMs: queryWaitMs,
      onChange: (taken, waiting) => {
        this.#taken = taken;
        this.#waiting = waiting;
        this.#report();
      },
    });
  }

  async start(
    request: RequestedQuery,
    requester: Requester,
    options: WaitOptions = {},
  ): Promise<RunningQuery> {
    const query = await this.#run(request, requester, options);
    this.#seen.add();
    void query.outcome.then((outcome) => {
      this.#rows.add(outcome.rows);
      this.#log.record(query.request, requester, outcome);
    });
    return query;
  }

  follow(
    request: RequestedQuery,
    requester: Requester,
    options: WaitOptions,
  ): Promise<RunningQuery> {
    return this.#run(request, { ...requester, origin: `${requester.origin}:tail` }, options);
  }

  async inspect(
    sql: string,
    { caller, isOwner }: Requester,
    options: WaitOptions = {},
  ): Promise<StatementInfo> {
    const end = await this.#turns.take({ caller, isOwner, bytes: 2 * sql.length, ...options });
    try {
      return await this.#context.runner.inspect(sql);
    } finally {
      end();
    }
  }

  close(): void {
    this.#turns.close();
  }

  async ended(): Promise<void> {
    await Promise.all(this.#active);
    this.#log.close();
  }

  async #run(
    request: RequestedQuery,
    { caller, isOwner, origin, role }: Requester,
    options: WaitOptions,
  ): Promise<RunningQuery> {
    const { queryWaitMs } = this.#context.limits;
    const askedAt = performance.now();
    const end = await this.#turns.take({ caller, isOwner, bytes: heldBytes(request), ...options });
    const { code, message } = waitedTooLong(queryWaitMs);
    const maxMs = queryWaitMs - (performance.now() - askedAt);
    const query = this.#context.runner.run({
      ...request,
      origin,
      role,
      wait: { maxMs, error: { code, message } },
    });
    this.#watch(query);
    // The outcome never rejects, so that the turn is always given back.
    const ended = query.outcome.then(() => {
      this.#active.delete(ended);
      end();
    });
    this.#active.add(ended);
    return query;
  }

  /** Until a worker takes it, a query that has its turn waits still. */
  #watch(query: RunningQuery): void {
    this.#starting += 1;
    this.#report();
    void query.begun.then(() => {
      this.#starting -= 1;
      this.#report();
    });
  }

  #report(): void {
    this.#running.set(this.#taken - this.#starting);
    this.#depth.set(this.#waiting + this.#starting);
  }
}

/** What a statement takes while it waits: at most two bytes for each character of a text. */
function heldBytes({ sql, parameters = [] }: RequestedQuery): number {
  const texts = Object.values(parameters).filter((value) => typeof value === "string");
  return [sql, ...texts].reduce((bytes, text) => bytes + 2 * text.length, 0);
}
