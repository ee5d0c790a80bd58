import type { ErrorMeaning } from "./error_meaning.js";

/** Errors of the configuration. */
export const configErrors = {
  config_broken: {
    status: 500,
    exitCode: 78,
    meaning:
      "The configuration or a flag is invalid. The message names file, line and column; run auditql config check to list all problems.",
  },
} as const satisfies Readonly<Record<string, ErrorMeaning>>;
