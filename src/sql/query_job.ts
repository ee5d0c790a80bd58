import { Readable } from "node:stream";
import type { QueryError } from "../native/connection.js";
import { timerDelay } from "../util/timer_delay.js";
import type { QueryOutcome, QueryRequest, ResourceUsage, RunningQuery } from "./query.js";

// Result bytes that wait for a slow consumer before the worker is made to wait.
const outputBufferBytes = 256 * 1024;

/** Requests of a task to its runner. */
export interface TaskControl {
  /** The consumer has taken bytes: more may come. */
  resume(): void;
  /** Nobody wants the result any more. */
  abandon(): void;
}

/** A query from the moment it was asked until its outcome. */
export class QueryJob implements RunningQuery {
  readonly id: string;
  readonly request: QueryRequest;
  readonly startedAt = Date.now();
  readonly output: Readable;
  readonly begun: Promise<void>;
  readonly outcome: Promise<QueryOutcome>;
  /** Why the query ends before its end; set by cancel() and by limits. */
  endedBy: QueryError | null = null;
  #control: TaskControl | null = null;
  #settle: (outcome: QueryOutcome) => void = () => {};
  #isSettled = false;
  #settleBegun: () => void = () => {};
  readonly #waitTimer: NodeJS.Timeout | null;

  constructor(id: string, request: QueryRequest) {
    this.id = id;
    this.request = request;
    this.begun = new Promise((resolve) => {
      this.#settleBegun = resolve;
    });
    const { wait } = request;
    this.#waitTimer =
      wait === undefined
        ? null
        : setTimeout(() => this.end(wait.error), timerDelay(Math.max(wait.maxMs, 0)));
    this.outcome = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.output = new Readable({
      highWaterMark: outputBufferBytes,
      read: () => this.#control?.resume(),
      destroy: (_error, done) => {
        // A consumer that leaves early (`break` in `for await`, a closed connection).
        this.cancel();
        done(null);
      },
    });
  }

  attach(control: TaskControl): void {
    this.#control = control;
  }

  /** A worker takes the query: it waits no longer. */
  begin(): void {
    if (this.#waitTimer !== null) clearTimeout(this.#waitTimer);
    this.#settleBegun();
  }

  /** Hands result bytes on; false when no more should come until resume(). */
  push(bytes: Buffer): boolean {
    return this.output.destroyed || this.output.push(bytes);
  }

  cancel(): void {
    this.end({ code: "query_cancelled", message: "The query was cancelled." });
  }

  /** Ends the query early, for the first reason given. */
  end(reason: QueryError): void {
    if (this.#isSettled || this.endedBy !== null) return;
    this.endedBy = reason;
    this.#control?.abandon();
  }

  /** Ends the output and gives the outcome. */
  finish(outcome: QueryOutcome): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.begin();
    if (!this.output.destroyed) this.output.push(null);
    this.#settle(this.endedBy === null ? outcome : { ...outcome, error: this.endedBy });
  }

  fail(error: QueryError, usage?: ResourceUsage): void {
    this.finish({
      ...(usage === undefined ? {} : { usage }),
      columns: [],
      types: [],
      rows: 0,
      bytes: 0,
      elapsedMs: Date.now() - this.startedAt,
      truncatedBy: null,
      evictedRows: 0,
      eventTables: [],
      warnings: [],
      error,
    });
  }
}
