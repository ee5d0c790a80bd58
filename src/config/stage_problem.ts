import { AuditqlError, type ErrorCode, messageOf } from "../errors.js";
import type { Diagnostic, Position } from "./diagnostic.js";

/**
 * Something wrong with a value of the configuration that the stage found which uses it. A stage
 * finds it without a side effect, so that `auditql config check` can ask what the daemon asks.
 */
export interface StageProblem {
  readonly severity: Diagnostic["severity"];
  /** Of an error: the daemon ends with this code. */
  readonly code: ErrorCode;
  /** Keys of the value, from the root of the file. */
  readonly keys: readonly string[];
  readonly message: string;
}

/** An error that an opening function of a stage threw, as a problem of the value at `keys`. */
export function stageProblem(error: unknown, keys: readonly string[]): StageProblem {
  const code = error instanceof AuditqlError ? error.code : "config_broken";
  return { severity: "error", code, keys, message: messageOf(error) };
}

/** A problem with its place; one of a default has none. */
export function placed(
  { severity, message, keys }: StageProblem,
  positionOf: (keys: readonly string[]) => Position | null,
): Diagnostic {
  return { severity, message, position: positionOf(keys) };
}
