import { AuditqlError } from "../errors.js";

const outages = ["daemon_unreachable", "answer_cut_off"];

/** What a restart of the daemon looks like: asked again, it may be there. */
export function isOutage(error: unknown): boolean {
  return error instanceof AuditqlError && outages.includes(error.code);
}
