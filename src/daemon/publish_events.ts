import type { Logger } from "pino";
import type { Config } from "../config/config.js";
import type { SourceProblem } from "../native/capture.js";
import type { Engine } from "../native/engine.js";
import type { QueryRunner } from "../sql/query.js";
import { publishOptions } from "./publish_options.js";

export interface PublishStages {
  readonly engine: Pick<Engine, "publish">;
  readonly runner: QueryRunner;
  readonly log: Pick<Logger, "warn">;
  /** Warnings of the last time, which are not repeated; kept up to date. */
  readonly warned: Set<string>;
  /** Told which sources could not be started. */
  readonly onProblems: (problems: readonly SourceProblem[]) => void;
  /** Told when the daemon ends: then nothing is begun, or warned about, any more. */
  readonly signal?: AbortSignal;
}

/** Follows changes of files, lines of syslog and devices as configured, and those alone. */
export async function publishEvents(config: Config, stages: PublishStages): Promise<void> {
  const { engine, runner, log, warned, signal, onProblems } = stages;
  const said = new Set<string>();
  const warn = (message: string) => {
    if (signal?.aborted === true) return;
    if (!warned.has(message) && !said.has(message)) log.warn(message);
    said.add(message);
  };
  const options = await publishOptions({ config, runner, warn });
  if (signal?.aborted === true) return;
  const problems = engine.publish(options);
  for (const { table, message } of problems) warn(`${table}: ${message}`);
  warned.clear();
  for (const message of said) warned.add(message);
  onProblems(problems);
}
