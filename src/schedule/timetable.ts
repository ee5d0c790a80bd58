import type { Trigger } from "../config/config.js";
import { nextCronTime } from "./cron_times.js";

/** When a query runs; both answers are in milliseconds since 1970. */
export interface Timetable {
  /** First time after `afterMs`. */
  next(afterMs: number): number;
  /** Seconds between runs, for what depends on the slowest query; of a cron line, the widest of the next gaps. */
  readonly periodSeconds: number;
}

/** How often it is looked whether a streaming query has something to do. */
const streamingPeriodMs = 100;

/** What of a host and a query decides when its trigger runs it. */
export interface TimetableSeed {
  /** Interval of an interval query after its splay, in seconds. */
  readonly splayedSeconds: number;
  /** Differs between hosts and queries, stays over restarts: it decides the H of a cron line. */
  readonly hash: string;
}

/**
 * Interval queries run at multiples of their interval since 1970, as in osquery, so that hosts that
 * restart keep their rhythm.
 */
export function makeTimetable(
  trigger: Trigger,
  { splayedSeconds, hash }: TimetableSeed,
): Timetable {
  if (trigger.kind === "interval") {
    const periodMs = splayedSeconds * 1000;
    return {
      periodSeconds: splayedSeconds,
      next: (afterMs) => (Math.floor(afterMs / periodMs) + 1) * periodMs,
    };
  }
  if (trigger.kind === "streaming") {
    return { periodSeconds: 1, next: (afterMs) => afterMs + streamingPeriodMs };
  }
  const { expression, timezone } = trigger;
  const next = (afterMs: number) => nextCronTime({ expression, timezone, seed: hash }, afterMs);
  return { next, periodSeconds: cronPeriod(next) };
}

function cronPeriod(next: (afterMs: number) => number): number {
  let at = next(0);
  let widest = 0;
  for (let count = 0; count < 8; count++) {
    const following = next(at);
    widest = Math.max(widest, following - at);
    at = following;
  }
  return Math.ceil(widest / 1000);
}

/** A whole number of seconds, evenly drawn from the interval plus or minus the splay. */
export function splay(intervalSeconds: number, splayPercent: number, random: () => number): number {
  const reach = Math.floor((intervalSeconds * splayPercent) / 100);
  const drawn = intervalSeconds - reach + Math.floor(random() * (2 * reach + 1));
  return Math.max(1, drawn);
}
