import type { Config } from "../config/config.js";
import type { StageProblem } from "../config/stage_problem.js";
import type { Addon } from "../native/addon.js";

/** What is wrong with the rules and exclusions of the capture; captures nothing. */
export function checkCapture({ capture }: Config, addon: Addon): readonly StageProblem[] {
  return addon.checkCapture(capture).map(({ list, index, message, severity }) => {
    const keys = ["auditql", "capture", list, String(index)];
    return {
      severity,
      code: "audit_rule_invalid",
      keys,
      message: `${keys.join(".")}: ${message}.`,
    };
  });
}
