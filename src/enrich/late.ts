import { setTimeout as delay } from "node:timers/promises";

/** Stands for the result of what did not come in time. */
export const late = Symbol("late");
export type Late = typeof late;

/** The result of a promise, or `late` when it takes too long; the promise itself goes on. */
export async function orLate<T>(promise: Promise<T>, timeoutMs: number): Promise<T | Late> {
  const timer = new AbortController();
  const timeout = delay<Late>(timeoutMs, late, { signal: timer.signal });
  // Aborted when the promise was faster.
  timeout.catch(() => {});
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    timer.abort();
  }
}
