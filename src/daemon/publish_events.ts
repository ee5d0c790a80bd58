import type { Logger } from "pino";
import type { Config } from "../config/config.js";
import type { Engine } from "../native/engine.js";
import type { QueryRunner } from "../sql/query.js";
import { publishOptions } from "./publish_options.js";

export interface PublishStages {
  readonly engine: Pick<Engine, "publish">;
  readonly runner: QueryRunner;
  readonly log: Pick<Logger, "warn">;
  /** Told when the daemon ends: then nothing is begun, or warned about, any more. */
  readonly signal?: AbortSignal;
}

/** Follows changes of files, lines of syslog and devices as configured, and those alone. */
export async function publishEvents(config: Config, stages: PublishStages): Promise<void> {
  const { engine, runner, log, signal } = stages;
  const warn = (message: string) => {
    if (signal?.aborted !== true) log.warn(message);
  };
  const options = await publishOptions({ config, runner, warn });
  if (signal?.aborted === true) return;
  for (const problem of engine.publish(options)) warn(problem);
}
