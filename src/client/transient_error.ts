import { AuditqlError } from "../errors.js";

const transientCodes = ["daemon_unreachable", "answer_cut_off"];

/** What a restart of the daemon looks like: asked again, it may be there. */
export function isTransientError(error: unknown): boolean {
  return error instanceof AuditqlError && transientCodes.includes(error.code);
}
