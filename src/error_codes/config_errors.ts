import type { ErrorMeaning } from "./error_meaning.js";

/** Errors of the configuration. */
export const configErrors = {
  config_broken: {
    status: 500,
    exitCode: 78,
    meaning:
      "The configuration or a flag cannot be used. The message names file, line and column; auditql config check shows all problems.",
  },
} as const satisfies Readonly<Record<string, ErrorMeaning>>;
