import type { ErrorMeaning } from "./error_meaning.js";

/** Errors of query workers. */
export const sqlErrors = {
  query_timeout: {
    status: 504,
    exitCode: 1,
    meaning: "The query exceeded its time limit and was stopped. Narrow it, or raise the limit.",
  },
  query_cancelled: {
    status: 409,
    exitCode: 130,
    meaning: "The caller cancelled the query, or its client disconnected.",
  },
  query_memory: {
    status: 507,
    exitCode: 1,
    meaning: "The query exceeded its memory limit. Narrow it, or raise the limit.",
  },
  query_cpu: {
    status: 507,
    exitCode: 1,
    meaning: "The query exceeded its CPU limit. Narrow it, or raise --watchdog_utilization_limit.",
  },
  worker_died: {
    status: 500,
    exitCode: 70,
    meaning:
      "The worker process of the query exited or was killed. The message gives its exit status or signal.",
  },
  worker_unavailable: {
    status: 503,
    exitCode: 75,
    meaning:
      "Cannot start a worker process for the query, or the daemon is stopping. The message names the cause. Retry.",
  },
  query_queue_full: {
    status: 503,
    exitCode: 75,
    meaning: "The query queue is full. Retry later.",
  },
  result_refused: {
    status: 500,
    exitCode: 74,
    meaning: "The client stopped reading before the end of the result.",
  },
  sql_error: {
    status: 400,
    exitCode: 1,
    meaning: "SQLite rejected the statement. The message is SQLite's.",
  },
} as const satisfies Readonly<Record<string, ErrorMeaning>>;
