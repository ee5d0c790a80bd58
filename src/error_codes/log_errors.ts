import type { ErrorMeaning } from "./error_meaning.js";

/** Errors of the loggers. */
export const logErrors = {
  logger_unknown: {
    status: 500,
    exitCode: 78,
    meaning:
      "logger_plugin names an unknown logger. Use one of the names in the message, or set auditql.log.loggers.<name>.module.",
  },
  logger_broken: {
    status: 500,
    exitCode: 78,
    meaning:
      "A logger's options are invalid, or its module cannot be loaded. The message names the logger and the cause.",
  },
  log_queue_failed: {
    status: 500,
    exitCode: 74,
    meaning:
      "Cannot use the on-disk queue of a logger. The message names the directory and the cause.",
  },
  log_write_failed: {
    status: 500,
    exitCode: 74,
    meaning:
      "A logger failed to write. The message names the cause; lines stay in its on-disk queue until it recovers.",
  },
} as const satisfies Readonly<Record<string, ErrorMeaning>>;
