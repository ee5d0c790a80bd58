import type { Config } from "../config/config.js";

/** Workers that streaming queries must find ready, at any time: a worker takes longer to start than
 * their rows may take to the log. */
export function warmWorkers({ schedule, workers }: Config): number {
  const queries = schedule.packs.flatMap((pack) => pack.queries);
  const streaming = queries.filter(({ trigger }) => trigger.kind === "streaming");
  return Math.min(streaming.length, workers.scheduled);
}
