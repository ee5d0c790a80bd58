/** How much of one kind of event is seen: `limited` when some are not. */
export type Sight = "on" | "limited" | "off";

/** What the backend that runs sees, as the addon tells it. */
export interface CaptureReport {
  readonly processes: Sight;
  readonly sockets: Sight;
  /** Which process did what to a file. */
  readonly files: Sight;
  /** Messages of user space: logins, sudo, accounts. */
  readonly records: Sight;
  readonly problems: readonly {
    readonly name: string;
    readonly reason: string;
    readonly remedy: string;
  }[];
}

export type SourceName = "processes" | "sockets" | "files" | "records";

/** One kind of event. */
export interface SourceState {
  readonly name: SourceName;
  readonly state: Sight;
  /** Since when, ISO 8601. */
  readonly since: string;
  /** Why not all of it is seen; null when it is. */
  readonly reason: string | null;
}

/** Where the rows of one event table come from. */
export interface TableState {
  readonly name: string;
  /** osquery's name of its publisher. */
  readonly publisher: string;
  readonly state: Sight;
  readonly reason: string | null;
}

/** Something that is not seen although it might be, and what to do about it. */
export interface CaptureProblem {
  /** Stable; the `reason` of the counter `capture state problems` in auditql_health. */
  readonly name: string;
  /** `error`: the configuration asks for what is not seen. */
  readonly severity: "error" | "warning";
  readonly since: string;
  readonly reason: string;
  readonly remedy: string;
}

/** What capture does now: the one value that health, metrics, log, tables and page show. */
export interface CaptureState {
  /** Name of the host. */
  readonly host: string;
  /** Backend that runs; null when none does. */
  readonly backend: string | null;
  /** Since when it runs, or since when none does; ISO 8601. */
  readonly since: string;
  readonly sources: readonly SourceState[];
  readonly tables: readonly TableState[];
  readonly problems: readonly CaptureProblem[];
}
