import type { CounterKey } from "../native/engine.js";
import type { ResourceUsage } from "../sql/query.js";
import type { EventTables } from "./event_cursors.js";

/** What became of the newest run of a query. */
export interface LastRun {
  readonly startedAtMs: number;
  readonly elapsedMs: number;
  readonly rows: number;
  readonly error: string | null;
  readonly usage: ResourceUsage;
}

/** Figures of one scheduled query: rows of auditql_health and of osquery_schedule. */
export class QueryFigures {
  executions = 0;
  wallMs = 0;
  outputBytes = 0;
  userMs = 0;
  systemMs = 0;
  averageMemoryBytes = 0;
  lastRun: LastRun | null = null;
  readonly #add: (metric: string, n: number) => void;
  readonly #set: (metric: string, value: number) => void;

  constructor(tables: EventTables, query: string) {
    const key = (metric: string): CounterKey => ({ stage: "schedule", name: query, metric });
    this.#add = (metric, n) => tables.counter(key(metric)).add(n);
    this.#set = (metric, value) => tables.counter(key(metric)).set(value);
    // A query without errors says so, instead of having no row.
    for (const metric of ["executions", "rows", "errors", "missed"]) this.#add(metric, 0);
  }

  /** Counts a run that ended. */
  noteRun(run: LastRun & { readonly bytes: number }): void {
    const { userMs, systemMs, memoryBytes } = run.usage;
    this.userMs += userMs;
    this.systemMs += systemMs;
    this.averageMemoryBytes += (memoryBytes - this.averageMemoryBytes) / (this.executions + 1);
    this.executions++;
    this.wallMs += run.elapsedMs;
    this.outputBytes += run.bytes;
    this.lastRun = run;
    this.#add("executions", 1);
    this.#add("rows", run.rows);
    if (run.error !== null) this.#add("errors", 1);
    this.#set("last_wall_ms", Math.round(run.elapsedMs));
  }

  /** Time from when a run was due until it started. */
  noteLag(lagMs: number): void {
    this.#set("lag_ms", Math.max(0, Math.round(lagMs)));
  }

  /** Runs that did not take place when they were due. */
  noteMissed(count: number): void {
    this.#add("missed", count);
  }
}
