import type { QueryLimits } from "../config/query_limits.js";
import type {
  EventWindow,
  QueryError,
  ResultFormat,
  SqlParameters,
  StatementInfo,
  StatementOutcome,
} from "../native/connection.js";
import type { CallerRole, FileRefusals } from "../tables/file_guard.js";

/** What a query took in its worker. */
export interface ResourceUsage {
  readonly userMs: number;
  readonly systemMs: number;
  /** Private memory that the worker has more than before. */
  readonly memoryBytes: number;
}

/** How a query ended; `usage` and `refusals` are left out where it ran in no worker. */
export type QueryOutcome = StatementOutcome & {
  readonly usage?: ResourceUsage;
  readonly refusals?: FileRefusals;
};

export interface QueryRequest {
  readonly sql: string;
  readonly parameters?: SqlParameters;
  readonly format: ResultFormat;
  readonly limits: QueryLimits;
  readonly windows?: Readonly<Record<string, EventWindow>>;
  /** Who asks, for the list of running queries: `schedule:pack_x_y`, `http`, `shell`. */
  readonly origin: string;
  /** What the tables may tell. */
  readonly role: CallerRole;
  /** Ends the query with this error where no worker has taken it so soon. */
  readonly wait?: { readonly maxMs: number; readonly error: QueryError };
}

/** A query on its way: its result bytes as they come, then its outcome. */
export interface RunningQuery {
  readonly id: string;
  readonly request: QueryRequest;
  readonly startedAt: number;
  /** Settles when a worker takes the query, or when it ends before. */
  readonly begun: Promise<void>;
  /** Result text in the requested format. Must be read to its end; reading slowly slows the query. */
  readonly output: AsyncIterable<Buffer>;
  /** Settles after the last byte; errors of the query are in `outcome.error`, it never rejects. */
  readonly outcome: Promise<QueryOutcome>;
  /** Ends the query soon with `query_cancelled`. */
  cancel(): void;
}

/** Runs queries in worker processes. */
export interface QueryRunner {
  run(request: QueryRequest): RunningQuery;
  /** Prepares without running. */
  inspect(sql: string): Promise<StatementInfo>;
  running(): readonly RunningQuery[];
  /** False when no such query runs. */
  cancel(id: string): boolean;
  close(): Promise<void>;
}
