import type { ErrorMeaning } from "./error_meaning.js";

/** Errors of the loggers. */
export const logErrors = {
  logger_unknown: {
    status: 500,
    exitCode: 78,
    meaning:
      "logger_plugin names a logger that does not exist. Use one of the names in the message, or give auditql.log.loggers.<name>.module.",
  },
  logger_broken: {
    status: 500,
    exitCode: 78,
    meaning:
      "A logger's options are wrong, or its module cannot be loaded. The message names the logger and the cause.",
  },
  log_queue_failed: {
    status: 500,
    exitCode: 74,
    meaning:
      "The on-disk queue of a logger cannot be used. The message names the directory and the cause.",
  },
  log_write_failed: {
    status: 500,
    exitCode: 74,
    meaning:
      "A logger failed to write. The message names the cause; lines stay in its queue on disk until it works again.",
  },
} as const satisfies Readonly<Record<string, ErrorMeaning>>;
