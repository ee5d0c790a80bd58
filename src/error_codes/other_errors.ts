import type { ErrorMeaning } from "./error_meaning.js";

/** Errors of any part. */
export const otherErrors = {
  internal: {
    status: 500,
    exitCode: 70,
    meaning: "A defect in auditql. Please report it with the message.",
  },
} as const satisfies Readonly<Record<string, ErrorMeaning>>;
