import { join } from "node:path";
import type { Config } from "../config/config.js";
import { type Diagnostic, failsCheck, formatChecked } from "../config/diagnostic.js";
import type { LoadedConfig } from "../config/load_config.js";
import { placed } from "../config/stage_problem.js";
import { checkStages } from "../daemon/check_stages.js";
import { loadAddon } from "../native/addon.js";
import { checkStatements } from "../schedule/check_statements.js";
import { withScratchSource } from "./scratch_source.js";

/** Whether a configuration can be used as it is written, and what there is to say of it. */
export interface CheckedConfiguration {
  readonly ok: boolean;
  readonly text: string;
}

/** Asks everything that reads the configuration, as the daemon would at its start, and runs nothing. */
export async function checkConfiguration(loaded: LoadedConfig): Promise<CheckedConfiguration> {
  const problems = [
    ...loaded.problems,
    ...(await stageProblems(loaded)),
    ...(await statementProblems(loaded)),
  ];
  const failures = problems.filter(failsCheck);
  const lines = problems.map(formatChecked);
  const text = [...lines, ...verdict(loaded, failures)].join("\n");
  return { ok: failures.length === 0, text };
}

async function stageProblems({ config, positionOf }: LoadedConfig): Promise<readonly Diagnostic[]> {
  if (config === null) return [];
  const problems = await checkStages(config, loadAddon());
  return problems.map((problem) => placed(problem, positionOf));
}

async function statementProblems(loaded: LoadedConfig): Promise<readonly Diagnostic[]> {
  const { draft, statements, path } = loaded;
  if (draft === null || statements.length === 0) return [];
  const undefinable = new Map<string, string>();
  const found = await withScratchSource(path, ({ runner }) => checkStatements(statements, runner), {
    userTables: draft.userTables,
    onProblem: (message, subject) => void undefinable.set(subject, message),
  });
  const told = found.map(({ message }) => message);
  const untold = statements.filter(
    ({ subject }) =>
      undefinable.has(subject) && !told.some((message) => message.startsWith(`${subject} `)),
  );
  return [
    ...found,
    ...untold.map(({ subject, position }): Diagnostic => {
      const message = undefinable.get(subject) ?? subject;
      return { severity: "skip", message, position };
    }),
  ];
}

function verdict(
  { config, path }: LoadedConfig,
  failures: readonly Diagnostic[],
): readonly string[] {
  const count = failures.length === 1 ? "1 error" : `${failures.length} errors`;
  const stops = failures.some(({ severity }) => severity === "error");
  if (config === null || stops) return [`${path} is invalid: ${count}`];
  return failures.length > 0
    ? [`${path}: ${count}: the daemon starts without the named parts`, ...factsOf(config)]
    : [`${path}: usable`, ...factsOf(config)];
}

function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

function factsOf(config: Config): readonly string[] {
  const { packs } = config.schedule;
  const queries = packs.flatMap((pack) => pack.queries);
  const { files, flavour, flavourReason, log } = config;
  return [
    `  ${plural(files.length, "file")}, written for ${flavour}, because ${flavourReason}`,
    `  ${plural(packs.length, "pack")}, ${plural(queries.length, "scheduled query", "scheduled queries")}`,
    `  state in ${config.statePath}`,
    ...(config.memoryBytes === null
      ? []
      : [`  event tables in ${config.memoryBytes} bytes of memory`]),
    `  results in ${join(log.directory, log.resultsName)}`,
    `  loggers: ${log.loggers.map((logger) => logger.name).join(", ") || "none"}`,
  ];
}
