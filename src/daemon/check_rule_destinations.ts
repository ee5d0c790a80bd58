import type { Config } from "../config/config.js";
import type { StageProblem } from "../config/stage_problem.js";
import type { Addon } from "../native/addon.js";

/** A rule that records calls: `-a always,exit`. With the list exclude it keeps records out. */
const recording = /^\s*-[aA]\s*(?:always,(?!exclude\b)\w+|(?!exclude\b)\w+,always)\b/;

/** Rules that cost the host something and give no row, and exclusions that record instead. */
export function checkRuleDestinations(
  { capture, publish }: Config,
  addon: Addon,
): readonly StageProblem[] {
  const hasFileCalls = publish.processFileEvents && publish.categories.length > 0;
  const reasons = addon.missingDestinations(capture.rules, hasFileCalls);
  const rules = reasons.flatMap((reason, index) =>
    reason === null
      ? []
      : [
          problem(
            ["rules", String(index)],
            `the rule "${capture.rules[index]}" produces no row: ${reason}. Remove the calls that no table records`,
          ),
        ],
  );
  const excluding = capture.exclude.flatMap((given, index) =>
    typeof given === "string" && recording.test(given)
      ? [
          problem(
            ["exclude", String(index)],
            `the rule "${given}" records calls. Write never instead of always, or move it to auditql.capture.rules`,
          ),
        ]
      : [],
  );
  return [...rules, ...excluding];
}

function problem(keys: readonly string[], message: string): StageProblem {
  return {
    severity: "error",
    code: "audit_rule_invalid",
    keys: ["auditql", "capture", ...keys],
    message: `auditql.capture.${keys.join(".")}: ${message}.`,
  };
}
