import { isDeepStrictEqual } from "node:util";
import type { Config } from "../config/config.js";

interface RunningConfig {
  /** What a running daemon makes of the changed configuration. */
  readonly config: Config;
  /** Settings that were changed and are read at the start only. */
  readonly pending: readonly string[];
}

/** By setting: what the stages were opened with. Of `capture`, CaptureControl tells. */
const readAtStart: Readonly<Record<string, (config: Config) => unknown>> = {
  "auditql.state_path": (config) => config.statePath,
  "auditql.store": (config) => config.memoryBytes === null,
  "auditql.store_max_bytes": (config) => config.settings.store_max_bytes,
  "auditql.http": (config) => config.http,
  "auditql.enrichment": (config) => config.enrichment,
  "auditql.workers": (config) => config.settings.workers,
};

/**
 * A changed configuration for a daemon that was opened with another: the bounds of its tables are
 * those of the store that it has, and not of the one that it gets at the next start.
 */
export function splitRestartOnly(opened: Config, changed: Config): RunningConfig {
  const pending = Object.entries(readAtStart)
    .filter(([, readOf]) => !isDeepStrictEqual(readOf(opened), readOf(changed)))
    .map(([name]) => name);
  return { config: { ...changed, memoryBytes: opened.memoryBytes }, pending };
}
