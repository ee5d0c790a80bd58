/** What each error code means. docs/errors.md is compared with this table by a test. */
export interface ErrorMeaning {
  /** HTTP status of the answer when a request meets it. */
  readonly status: number;
  /** Exit status of the command line (sysexits.h where one fits). */
  readonly exitCode: number;
  /** When it happens and what to do. */
  readonly meaning: string;
}

/** Every error code, by the folder that raises it. */
export const errorCodes = {
  // native
  addon_missing: {
    status: 500,
    exitCode: 70,
    meaning: "The native addon is not built. Run npm run build.",
  },
  store_locked: {
    status: 409,
    exitCode: 75,
    meaning:
      "Another daemon uses the state directory. Stop it, or give this one another --state_path.",
  },
  store_open_failed: {
    status: 500,
    exitCode: 74,
    meaning: "The event store cannot be opened. The message names the file and the cause.",
  },
  health_map_failed: {
    status: 500,
    exitCode: 74,
    meaning: "The health region cannot be created. The message names the file and the cause.",
  },
  // sql
  sql_error: {
    status: 400,
    exitCode: 1,
    meaning: "SQLite refused the statement. The message is SQLite's.",
  },
  // other
  internal: {
    status: 500,
    exitCode: 70,
    meaning: "A defect in auditql. Please report it with the message.",
  },
} as const satisfies Readonly<Record<string, ErrorMeaning>>;

export type ErrorCode = keyof typeof errorCodes;

/** An error with a code of `errorCodes`; the message says what happened and what to do next. */
export class AuditqlError extends Error {
  override readonly name = "AuditqlError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
