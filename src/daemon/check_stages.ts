import type { Config } from "../config/config.js";
import type { StageProblem } from "../config/stage_problem.js";
import { checkLoggers } from "../log/check_loggers.js";
import type { Addon } from "../native/addon.js";
import { checkTables } from "../schedule/check_tables.js";
import { checkHttp } from "../serve/check_http.js";
import { checkCapture } from "./check_capture.js";
import { checkRuleDestinations } from "./check_rule_destinations.js";
import { checkSignatures } from "./check_signatures.js";
import { checkSocketAccess } from "./socket_access.js";

/** What is wrong with the rules and exclusions of the capture. */
export function checkRules(config: Config, addon: Addon): readonly StageProblem[] {
  return [...checkCapture(config, addon), ...checkRuleDestinations(config, addon)];
}

/** What every stage has against a configuration, before any of them is opened. */
export async function checkStages(config: Config, addon: Addon): Promise<readonly StageProblem[]> {
  const { log, settings, schedule } = config;
  return [
    ...checkRules(config, addon),
    ...checkTables(config),
    ...checkSignatures(config, addon),
    ...(await checkLoggers({ log, declared: settings.log.loggers, packs: schedule.packs })),
    ...checkHttp(config),
    ...checkSocketAccess(config.http, addon),
  ];
}
