import type { ErrorMeaning } from "./error_meaning.js";

/** Errors of any part. */
export const otherErrors = {
  internal: {
    status: 500,
    exitCode: 70,
    meaning: "Internal error: a defect in auditql. Please report it with the message.",
  },
  stopping: {
    status: 503,
    exitCode: 75,
    meaning: "The daemon is stopping. Start it again, or retry after its restart.",
  },
  stop_timeout: {
    status: 500,
    exitCode: 75,
    meaning:
      "The daemon exited because stopping timed out, for example because a disk did not respond. The host's audit settings were restored before; events not yet logged are read from the store at the next start.",
  },
} as const satisfies Readonly<Record<string, ErrorMeaning>>;
