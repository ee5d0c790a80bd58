import type { CaptureState } from "../native/capture_state.js";
import type { Readiness } from "../serve/server_context.js";

/** Problems with which the daemon does not do what it is for. */
const disabling: ReadonlySet<string> = new Set([
  "no_backend",
  "auditing_off",
  "rules_missing",
  "store_refuses",
]);

/** Whether a started daemon does all that its configuration asks, by what capture does. */
export function readinessOf({ problems }: CaptureState): Readiness {
  return {
    ready: problems.every(({ name, severity }) => severity !== "error" || !disabling.has(name)),
    reasons: problems.map(({ reason, remedy }) => `${reason}. Remedy: ${remedy}`),
  };
}
