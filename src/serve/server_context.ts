import type { Logger } from "pino";
import type { Config } from "../config/config.js";
import type { QueryLimits } from "../config/query_limits.js";
import type { CaptureState } from "../native/capture_state.js";
import type { Counter, CounterKey, HealthRow } from "../native/engine.js";
import type { DescribedQuery } from "../schedule/schedule_description.js";
import type { QueryRunner } from "../sql/query.js";
import type { TableSchema } from "../tables/table_schema.js";
import type { Sessions } from "./auth/sessions.js";
import type { SocketPeers } from "./auth/socket_peers.js";
import type { TokenVerifier } from "./auth/token_holder.js";

/** Whether the daemon does all that its configuration asks of it. */
export interface Readiness {
  readonly ready: boolean;
  /** What is not seen, and what to do about it; a daemon that is ready may have some, too. */
  readonly reasons: readonly string[];
}

/** What one client, and all of them together, can take from the daemon. */
export interface ServerLimits {
  /** Limits of a query whose request sets none. */
  readonly query: QueryLimits;
  /** A request cannot raise its limits above these. */
  readonly queryCeiling: QueryLimits;
  /** Ad-hoc queries at once, and as many workers; others wait. One caller never has them all, and
   * root on the unix socket has a further one. */
  readonly concurrentQueries: number;
  /** Ad-hoc queries that may wait, half of them of one caller; one more is answered with
   * `too_many_queries`, as is one that waited too long. */
  readonly waitingQueries: number;
  /** Bytes of their statements and parameters; half of them of one caller. */
  readonly waitingBytes: number;
  readonly queryWaitMs: number;
  /** Connections per listener; one more is closed at once, and counted. */
  readonly connections: number;
  readonly bodyBytes: number;
  readonly headerBytes: number;
  /** Time from the opening of a connection, or the end of an answer, to the end of the headers. */
  readonly headersTimeoutMs: number;
  /** Time to the end of the request body. */
  readonly requestTimeoutMs: number;
  /** A client that takes no byte of its answer for so long loses it. */
  readonly stalledClientMs: number;
  /** Clients that may follow events at once; half of them of one caller. */
  readonly tails: number;
  /** Requests of one caller at one address. */
  readonly requestsPerMinute: number;
  /** Wrong tokens and links from one address. */
  readonly failuresPerMinute: number;
}

/** The newest events of a table have `firstEid <= eid < nextEid`. */
export interface EventBounds {
  readonly firstEid: number;
  readonly nextEid: number;
}

/** Certificate and key, in PEM. */
export interface TlsOptions {
  readonly certificate: Buffer;
  readonly key: Buffer;
  /** CA of clients' certificates; with it, clients without one are refused. */
  readonly clientCa: Buffer | null;
}

const miB = 1024 * 1024;

/** Limits that hold unless configured. */
export const defaultServerLimits: ServerLimits = {
  query: {
    timeoutMs: 30_000,
    maxRows: 1_000_000,
    maxBytes: 256 * miB,
    maxMemoryBytes: 512 * miB,
  },
  queryCeiling: {
    timeoutMs: 600_000,
    maxRows: 100_000_000,
    maxBytes: 16_384 * miB,
    maxMemoryBytes: 512 * miB,
  },
  concurrentQueries: 3,
  waitingQueries: 2048,
  waitingBytes: 32 * miB,
  queryWaitMs: 30_000,
  connections: 2048,
  bodyBytes: 256 * 1024,
  headerBytes: 16 * 1024,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 20_000,
  stalledClientMs: 30_000,
  tails: 8,
  requestsPerMinute: 1200,
  failuresPerMinute: 30,
};

/** What the server needs of the daemon; everything it answers comes from here. */
export interface ServerContext {
  readonly version: string;
  readonly runner: QueryRunner;
  readonly tables: readonly TableSchema[];
  readonly schedule: () => readonly DescribedQuery[];
  readonly health: () => readonly HealthRow[];
  readonly readiness: () => Readiness;
  /** What capture sees now. */
  readonly capture: () => CaptureState;
  readonly counter: (key: CounterKey) => Counter;
  /** The active configuration. */
  readonly config: () => Config;
  readonly eventBounds: (table: string) => EventBounds;
  readonly tokens: TokenVerifier;
  readonly sessions: Sessions;
  readonly socketPeers: SocketPeers;
  /** Null: plain HTTP. */
  readonly tls: TlsOptions | null;
  readonly limits: ServerLimits;
  /** Names beside loopback that a Host header may carry, without port. */
  readonly allowedHosts: readonly string[];
  readonly logger: Logger;
}
