import type { ResourceUsage } from "../sql/query.js";
import type { ScheduleEntry } from "./schedule_entry.js";

/** One query of the schedule, as GET /v1/schedule and osquery_schedule show it. */
export interface DescribedQuery {
  readonly name: string;
  /** Null for the schedule itself. */
  readonly pack: string | null;
  readonly sql: string;
  /** As configured; empty without. */
  readonly description: string;
  /** Seconds between runs, as configured; null when it follows a cron line. */
  readonly intervalSeconds: number | null;
  readonly cron: string | null;
  /** RFC 3339. */
  readonly nextRunAt: string;
  readonly executions: number;
  readonly wallMs: number;
  readonly outputBytes: number;
  /** Over all executions; memory is the average of them. */
  readonly usage: ResourceUsage;
  readonly denylisted: boolean;
  readonly eventTables: readonly string[];
  /** The newest run; null before the first. */
  readonly lastRun: {
    readonly startedAt: string;
    readonly rows: number;
    readonly elapsedMs: number;
    readonly error: string | null;
    readonly usage: ResourceUsage;
  } | null;
}

/** Describes one entry. */
export function describeQuery(entry: ScheduleEntry, denylisted: boolean): DescribedQuery {
  const { query, pack, figures } = entry;
  const { trigger } = query;
  const { lastRun } = figures;
  return {
    name: query.name,
    pack: pack.name === "main" ? null : pack.name,
    sql: query.sql,
    description: query.description,
    intervalSeconds: trigger.kind === "interval" ? trigger.seconds : null,
    cron: trigger.kind === "cron" ? trigger.expression : null,
    nextRunAt: new Date(entry.nextRunMs).toISOString(),
    executions: figures.executions,
    wallMs: figures.wallMs,
    outputBytes: figures.outputBytes,
    usage: {
      userMs: figures.userMs,
      systemMs: figures.systemMs,
      memoryBytes: Math.round(figures.averageMemoryBytes),
    },
    denylisted,
    eventTables: entry.eventTables ?? [],
    lastRun: lastRun && {
      startedAt: new Date(lastRun.startedAtMs).toISOString(),
      rows: lastRun.rows,
      elapsedMs: lastRun.elapsedMs,
      error: lastRun.error,
      usage: lastRun.usage,
    },
  };
}
