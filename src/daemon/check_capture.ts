import type { Config } from "../config/config.js";
import type { StageProblem } from "../config/stage_problem.js";
import type { Addon } from "../native/addon.js";

/** What is wrong with the rules and exclusions of the capture; captures nothing. */
export function checkCapture(config: Config, addon: Addon): readonly StageProblem[] {
  const { exclude } = config.settings.capture;
  // Lines and criteria stand in one list of the file, each kind with an order of its own.
  const placesOf = (kind: "string" | "object") =>
    exclude.flatMap((each, index) => (typeof each === kind ? [String(index)] : []));
  const places = { excludeRules: placesOf("string"), exclusions: placesOf("object") };
  return addon.checkCapture(config.capture).map(({ list, index, message, severity }) => {
    const keys =
      list === "extraRules" ? ["rules", String(index)] : ["exclude", places[list][index] ?? ""];
    const place = `auditql.capture.${keys.join(".")}`;
    return {
      severity,
      code: "audit_rule_invalid",
      keys: ["auditql", "capture", ...keys],
      message: `${place}: ${message}.`,
    };
  });
}
