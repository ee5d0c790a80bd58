import { setTimeout as delay } from "node:timers/promises";
import { timerDelay } from "../util/timer_delay.js";

/** Stands for the result of what did not come in time. */
export const timedOut = Symbol("late");
export type TimedOut = typeof timedOut;

/** The result of a promise, or `late` when it takes too long; the promise itself goes on. */
export async function withTimeout<T>(
  promise: Promise<T>,
  timeoutMs: number,
): Promise<T | TimedOut> {
  const timer = new AbortController();
  const timeout = delay<TimedOut>(timerDelay(timeoutMs), timedOut, { signal: timer.signal });
  // Aborted when the promise was faster.
  timeout.catch(() => {});
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    timer.abort();
  }
}
