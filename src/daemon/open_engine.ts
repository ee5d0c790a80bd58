import type { Config } from "../config/config.js";
import type { Addon } from "../native/addon.js";
import type { Engine } from "../native/engine.js";
import { eventTableNames, openingLimits } from "../schedule/event_retention.js";

/** Opens the event tables of the state directory, each with the limits that the config gives it. */
export function openEngine(addon: Addon, config: Config): Engine {
  const limits = Object.fromEntries(
    eventTableNames.map((table) => [table, openingLimits(config, table)]),
  );
  const { statePath: stateDirectory, memoryBytes } = config;
  return addon.openEngine({
    stateDirectory,
    limits,
    ...(memoryBytes === null ? {} : { memoryBytes }),
  });
}
