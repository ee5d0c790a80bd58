import type { CaptureConfig, TableLimits } from "../config/config.js";
import type { CaptureStatus, PublishOptions, SourceProblem } from "./capture.js";
import type { CaptureReport } from "./capture_state.js";
import type { EnrichmentStore } from "./enrichment_store.js";

/** One row of `auditql_health`. */
export interface HealthRow {
  readonly stage: string;
  readonly name: string;
  readonly metric: string;
  readonly reason: string;
  readonly value: number;
}

export interface CounterKey {
  readonly stage:
    | "capture"
    | "decode"
    | "identity"
    | "store"
    | "sql"
    | "schedule"
    | "log"
    | "serve"
    | "enrich";
  /** Backend, table, query or logger. */
  readonly name: string;
  readonly metric: string;
  /** Why rows were dropped; left out for other metrics. */
  readonly reason?: string;
}

/** A cell of the health region, shared with every process that maps it. */
export interface Counter {
  add(n?: number): void;
  /** Gauges: replaces the value (a non-negative integer). */
  set(value: number): void;
  get(): number;
}

export interface EngineOptions {
  /** Directory that holds the stores, the health region and the audit state file. */
  readonly stateDirectory: string;
  readonly limits: Readonly<Record<string, TableLimits>>;
  /** Keeps the stores and the health region in memory instead, in at most so many bytes. */
  readonly memoryBytes?: number;
}

/** Where readers find the stores and the health region. */
export interface StoreLocation {
  /** Path for this process. */
  readonly directory: string;
  /** Descriptor of the directory that other processes must be handed; null: the path is theirs, too. */
  readonly fd: number | null;
}

/** The data plane of this process: stores, decoding and capture. One per state directory. */
export interface Engine extends EnrichmentStore {
  /** Starts capturing on threads of its own. */
  startCapture(config: CaptureConfig): CaptureStatus;
  /** Replaces the rules and exclusions of a running capture, without a gap; the rest is read at the
   * start only. On an error those before stay. */
  changeCapture(config: CaptureConfig): void;
  /** What the capture that runs sees at this moment. */
  captureReport(): CaptureReport;
  /** Ends capturing, stores what is still on its way, and puts the host's auditing back. */
  stopCapture(): void;
  /** Starts, changes and stops what differs from the last call; says what could not be started. */
  publish(options: PublishOptions): readonly SourceProblem[];
  /** Decodes recorded audit log bytes, in any chunking, into the stores. */
  feedLog(bytes: Uint8Array): void;
  /** Delivers events that wait for records that will not come. */
  finishLog(): void;
  setLimits(table: string, limits: TableLimits): void;
  /** Rows below `eid` were read by every scheduled query. */
  setReadBelow(table: string, eid: number): void;
  /** `firstEid <= eid < nextEid` are stored. */
  bounds(table: string): { readonly firstEid: number; readonly nextEid: number };
  storeLocation(): StoreLocation;
  counter(key: CounterKey): Counter;
  health(): readonly HealthRow[];
  /** stopCapture(), flushes the stores and releases the state directory. */
  close(): void;
}
