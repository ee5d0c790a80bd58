import type { ErrorMeaning } from "./error_meaning.js";

/** Errors of any part. */
export const otherErrors = {
  internal: {
    status: 500,
    exitCode: 70,
    meaning: "A defect in auditql. Please report it with the message.",
  },
  stopping: {
    status: 503,
    exitCode: 75,
    meaning: "The daemon is stopping. Start it again, or wait until it has started again.",
  },
  stop_timeout: {
    status: 500,
    exitCode: 75,
    meaning:
      "The daemon did not stop in time, for example because a disk does not answer, and ended itself. The host's auditing was put back before; what was not logged is read again at the next start.",
  },
} as const satisfies Readonly<Record<string, ErrorMeaning>>;
