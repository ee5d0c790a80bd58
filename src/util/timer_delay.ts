/** Timers of Node.js with a longer delay fire after 1 ms instead. */
const longestMs = 2 ** 31 - 1;

/** Limits a delay, in ms, to the longest that a timer accepts: 24 days. */
export function timerDelay(ms: number): number {
  return Math.min(ms, longestMs);
}
