import type { ScheduleEntry } from "./schedule_entry.js";

/** A run that is to start as soon as a worker is free. */
export interface DueRun {
  readonly entry: ScheduleEntry;
  readonly dueMs: number;
}

export interface DueOptions {
  readonly nowMs: number;
  readonly maxDriftMs: number;
  isRunning(name: string): boolean;
  /** Whether there are events that a query has not read. */
  hasNews(entry: ScheduleEntry): boolean;
}

/** A streaming query that reads no event table, or failed, runs so seldom. */
export const idleStreamingMs = 10_000;

/**
 * Takes the runs that are due and plans each query's next one. A query that is due several times
 * runs once; one that is late by more than the drift, after a suspend for example, waits for its
 * next time, as in osquery. What does not run is counted as missed.
 */
export function takeDueRuns(entries: readonly ScheduleEntry[], options: DueOptions): DueRun[] {
  const { nowMs, maxDriftMs } = options;
  const runs: DueRun[] = [];
  for (const entry of entries) {
    if (entry.nextRunMs > nowMs) continue;
    if (entry.query.trigger.kind === "streaming") {
      runs.push(...takeStreamingRun(entry, options));
      continue;
    }
    const times = timesUntil(entry, nowMs);
    const latest = times.latestMs;
    const runsNow = nowMs - latest <= maxDriftMs && !options.isRunning(entry.query.name);
    if (runsNow) runs.push({ entry, dueMs: latest });
    const missed = times.count - (runsNow ? 1 : 0);
    if (missed > 0) entry.figures.noteMissed(missed);
    entry.nextRunMs = entry.timetable.next(nowMs);
  }
  return runs;
}

/** Streaming queries are not due at times: none is missed while one runs. */
function takeStreamingRun(entry: ScheduleEntry, options: DueOptions): DueRun[] {
  const { nowMs } = options;
  const reads = entry.eventTables !== null && entry.eventTables.length > 0;
  entry.nextRunMs = reads ? entry.timetable.next(nowMs) : nowMs + idleStreamingMs;
  const starts = !options.isRunning(entry.query.name) && (!reads || options.hasNews(entry));
  return starts ? [{ entry, dueMs: nowMs }] : [];
}

/** A machine that slept for long has at most so many runs counted one by one. */
const maxCounted = 100_000;

function timesUntil(
  entry: ScheduleEntry,
  nowMs: number,
): { readonly count: number; readonly latestMs: number } {
  let count = 0;
  let latestMs = entry.nextRunMs;
  for (let at = entry.nextRunMs; at <= nowMs && count < maxCounted; at = entry.timetable.next(at)) {
    latestMs = at;
    count++;
  }
  return { count, latestMs };
}

/** Runs of the queries that are meant to run at start, in their order. */
export function startupRuns(entries: readonly ScheduleEntry[], nowMs: number): DueRun[] {
  return entries
    .filter((entry) => entry.query.startupPriority !== null)
    .toSorted(byStartupPriority)
    .map((entry) => ({ entry, dueMs: nowMs }));
}

function byStartupPriority(a: ScheduleEntry, b: ScheduleEntry): number {
  const difference = (a.query.startupPriority ?? 0) - (b.query.startupPriority ?? 0);
  return difference !== 0 ? difference : a.query.name < b.query.name ? -1 : 1;
}
