import type { ErrorMeaning } from "./error_meaning.js";

/** Errors of query workers. */
export const sqlErrors = {
  query_timeout: {
    status: 504,
    exitCode: 1,
    meaning: "The query reached its time limit and was stopped. Narrow it, or raise the limit.",
  },
  query_cancelled: {
    status: 409,
    exitCode: 130,
    meaning: "The query was cancelled by whoever asked, or because its client went away.",
  },
  query_memory: {
    status: 507,
    exitCode: 1,
    meaning: "The query needed more memory than a query may use. Narrow it, or raise the limit.",
  },
  query_cpu: {
    status: 507,
    exitCode: 1,
    meaning:
      "The query used more of the processors than the watchdog allows. Narrow it, or raise --watchdog_utilization_limit.",
  },
  worker_died: {
    status: 500,
    exitCode: 70,
    meaning:
      "The process that ran the query ended by itself or was killed from outside. The message says how.",
  },
  worker_unavailable: {
    status: 503,
    exitCode: 75,
    meaning:
      "No process could be started for the query, or the daemon is stopping. The message says why; try again.",
  },
  query_queue_full: {
    status: 503,
    exitCode: 75,
    meaning: "As many queries wait for a worker as the daemon lets wait. Try again later.",
  },
  result_refused: {
    status: 500,
    exitCode: 74,
    meaning: "Whoever asked stopped reading before the result had ended.",
  },
  sql_error: {
    status: 400,
    exitCode: 1,
    meaning: "SQLite refused the statement. The message is SQLite's.",
  },
} as const satisfies Readonly<Record<string, ErrorMeaning>>;
