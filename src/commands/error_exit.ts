import { errorCodes } from "../error_codes/all.js";
import { AuditqlError, type ErrorCode, errnoOf, isErrorCode } from "../errors.js";

/** Its code; null of what is no error of ours. Errors of the addon are plain errors that carry a
 * code of the same table. */
export function errorCodeOf(error: unknown): ErrorCode | null {
  if (error instanceof AuditqlError) return error.code;
  const code = errnoOf(error);
  return isErrorCode(code) ? code : null;
}

/** With which status a command that fails of it exits. */
export function exitStatusOf(error: unknown): number {
  return errorCodes[errorCodeOf(error) ?? "internal"].exitCode;
}
