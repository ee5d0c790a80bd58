import type { UserTables } from "../config/user_tables.js";
import type { NativeQuery, StatementInfo, StatementOutcome } from "../native/connection.js";
import type { DaemonRows } from "../tables/daemon_rows.js";
import type { CallerRights, FileRefusals } from "../tables/file_guard.js";
import type { UserTableProblem } from "./user_tables.js";

/** Descriptors that a worker is started with. */
export const framesFd = 3;
export const controlFd = 4;
/** The directory of a store that has no path. Behind the channel of messages. */
export const storeDescriptor = 6;
/** What the daemon reads for the worker. */
export const readsFd = 7;
/** The first of WorkerSetup.heldPaths; the others follow. */
export const heldFd = 8;

/** What a worker needs before its first query. */
export interface WorkerSetup {
  readonly storeDirectory: string;
  /** Bytes that the address space may grow by after start. */
  readonly maxGrowthBytes: number;
  readonly userTables: UserTables;
  /** Files that the daemon opened for its workers, in the order of their descriptors. */
  readonly heldPaths: readonly string[];
  /** User and group id that a worker of the superuser changes to. */
  readonly account: number | null;
  readonly allowNetwork: boolean;
}

/** A query as the worker runs it. */
export interface WorkerQuery extends Omit<NativeQuery, "outputFd"> {
  readonly rights: CallerRights;
}

/** What the daemon tells a worker. A worker does one thing at a time, in order. */
export type ToWorker =
  | { readonly kind: "setup"; readonly setup: WorkerSetup }
  | { readonly kind: "daemon_rows"; readonly daemonRows: DaemonRows }
  | { readonly kind: "query"; readonly query: WorkerQuery }
  | { readonly kind: "inspect"; readonly sql: string };

/** What a worker tells the daemon: one answer to each `setup`, `query` and `inspect`. */
export type FromWorker =
  | {
      readonly kind: "ready";
      readonly problems: readonly UserTableProblem[];
      /** A sentence for each right that the host did not let the worker give up. */
      readonly unconfined: readonly string[];
    }
  | {
      readonly kind: "outcome";
      readonly outcome: StatementOutcome;
      readonly refusals: FileRefusals;
    }
  | { readonly kind: "inspected"; readonly info: StatementInfo }
  | { readonly kind: "failed"; readonly message: string };
