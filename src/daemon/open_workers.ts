import type { Logger } from "pino";
import type { Config } from "../config/config.js";
import type { Engine } from "../native/engine.js";
import { warmWorkers } from "../schedule/warm_workers.js";
import { reservedWorkers } from "../serve/limits/query_admission.js";
import { WorkerPool } from "../sql/worker_pool.js";

/** The query workers of the schedule and of ad-hoc queries. */
export function openWorkers(
  config: Config,
  parts: {
    readonly engine: Engine;
    readonly log: Logger;
    readonly protectedPaths: () => readonly string[];
  },
): WorkerPool {
  const { engine, log, protectedPaths } = parts;
  return new WorkerPool({
    store: engine.storeLocation(),
    counter: (key) => engine.counter(key),
    maxAdhocWorkers: config.workers.adhoc + reservedWorkers,
    maxScheduleWorkers: config.workers.scheduled,
    warmScheduleWorkers: warmWorkers(config),
    warmAdhocWorkers: config.http.enabled ? 1 : 0,
    idleMs: config.workers.idleSeconds * 1000,
    userTables: config.userTables,
    protectedPaths,
    onProblem: (problem) => log.warn(problem),
  });
}
