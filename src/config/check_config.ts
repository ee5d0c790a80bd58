import { type LoadOptions, loadConfig } from "./load_config.js";
import { formatProblem } from "./problem.js";

/** What `auditql config check` prints, and whether the configuration can be used. */
export function checkConfig(options: LoadOptions): { readonly ok: boolean; readonly text: string } {
  const { config, problems, path } = loadConfig(options);
  const lines = problems.map(formatProblem);
  if (config === null) return { ok: false, text: [...lines, `${path}: cannot be used`].join("\n") };
  const queries = config.schedule.packs.flatMap((pack) => pack.queries);
  const facts = [
    `${path}: usable (${config.files.length} files, written for ${config.flavour})`,
    `  ${config.schedule.packs.length} packs, ${queries.length} scheduled queries`,
    `  state in ${config.statePath}`,
    ...(config.memoryBytes === null
      ? []
      : [`  event tables in ${config.memoryBytes} bytes of memory`]),
    `  results in ${config.log.directory}/${config.log.resultsName}`,
    `  loggers: ${config.log.loggers.map((logger) => logger.name).join(", ") || "none"}`,
  ];
  return { ok: true, text: [...lines, ...facts].join("\n") };
}
