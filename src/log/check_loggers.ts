import type { LogConfig, LoggerConfig, Pack } from "../config/config.js";
import type { Settings } from "../config/settings_schema.js";
import { type StageProblem, stageProblem } from "../config/stage_problem.js";
import { namePattern } from "../util/glob.js";
import { readLineFilter } from "./line_filter.js";
import { prepareLogger } from "./open_logger.js";

export interface LoggerCheck {
  readonly log: LogConfig;
  /** Settings of loggers, by name. */
  readonly declared: Settings["log"]["loggers"];
  readonly packs: readonly Pack[];
}

/** What is wrong with the loggers of a configuration; opens none, but loads their modules. */
export async function checkLoggers(check: LoggerCheck): Promise<readonly StageProblem[]> {
  const { log, declared, packs } = check;
  const used = await Promise.all(log.loggers.map((logger) => checkLogger(logger, packs)));
  const names = new Set(log.loggers.map(({ name }) => name));
  const idle = Object.keys(declared).filter((name) => !names.has(name));
  return [...used.flat(), ...idle.map(unusedLogger)];
}

const keysOf = (name: string, ...keys: readonly string[]) => [
  "auditql",
  "log",
  "loggers",
  name,
  ...keys,
];

function unusedLogger(name: string): StageProblem {
  const message = `auditql.log.loggers.${name} has no effect: logger_plugin does not name ${name}.`;
  return { severity: "warning", code: "logger_unknown", keys: keysOf(name), message };
}

async function checkLogger(
  logger: LoggerConfig,
  packs: readonly Pack[],
): Promise<readonly StageProblem[]> {
  const { name } = logger;
  return [
    ...(await definitionProblems(logger)),
    ...filterProblems(logger),
    ...emptyPatterns(logger, "queries", [
      ...packs.flatMap(({ queries }) => queries.map((query) => query.name)),
    ]),
    ...emptyPatterns(
      logger,
      "packs",
      packs.map((pack) => pack.name),
    ),
  ].map((problem) => ({ ...problem, keys: keysOf(name, ...problem.keys) }));
}

async function definitionProblems(logger: LoggerConfig): Promise<readonly StageProblem[]> {
  try {
    const { definition, options } = await prepareLogger(logger);
    const problems = definition.check?.(options) ?? [];
    return problems.map((message) => ({
      severity: "skip",
      code: "logger_broken",
      keys: ["options"],
      message: `auditql.log.loggers.${logger.name}.options: ${message}`,
    }));
  } catch (error) {
    return [stageProblem(error, [logger.module === null ? "options" : "module"])];
  }
}

function filterProblems(logger: LoggerConfig): readonly StageProblem[] {
  try {
    readLineFilter(logger);
    return [];
  } catch (error) {
    return [stageProblem(error, ["filter", "where"])];
  }
}

/** A pattern that no name matches passes nothing, for ever. */
function emptyPatterns(
  { name, filter }: LoggerConfig,
  key: "queries" | "packs",
  names: readonly string[],
): readonly StageProblem[] {
  const patterns = filter[key] ?? [];
  return patterns
    .filter((pattern) => !names.some((each) => namePattern(pattern).test(each)))
    .map((pattern) => ({
      severity: "warning",
      code: "logger_broken",
      keys: ["filter", key],
      message: `auditql.log.loggers.${name}.filter.${key}: "${pattern}" matches none of the ${key}.`,
    }));
}
