import { errorCodes } from "./error_codes/all.js";

export type ErrorCode = keyof typeof errorCodes;

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCodes, code);
}

/** The code, if it is known here: a daemon of a later version may have others. */
export function codeOf(code: string): ErrorCode {
  return isErrorCode(code) ? code : "internal";
}

/** An error with a code of `errorCodes`; the message says what happened and what to do next. */
export class AuditqlError extends Error {
  override readonly name = "AuditqlError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A query's error, to be thrown. */
export function toAuditqlError(error: {
  readonly code: string;
  readonly message: string;
}): AuditqlError {
  return new AuditqlError(codeOf(error.code), error.message);
}

/** Name of a system error (`ENOENT`, errno(3)) or what else stands as its code; empty without. */
export function errnoOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** What an error says; whatever else was thrown, as text. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
