import type { Logger } from "pino";
import type { Config } from "../config/config.js";
import { Enrichment } from "../enrich/enrichment.js";
import type { Addon } from "../native/addon.js";
import type { Engine } from "../native/engine.js";
import type { QueryRunner } from "../sql/query.js";
import { openThisHost } from "../tables/host.js";
import { readStoredContainers } from "./stored_containers.js";
import { readStoredExecutables } from "./stored_executables.js";

export interface EnrichmentParts {
  readonly addon: Addon;
  readonly engine: Engine;
  readonly runner: QueryRunner;
  readonly log: Logger;
}

/** Begins to find out about executed files and containers of this host. */
export function openEnrichment(
  { enrichment: config }: Config,
  { addon, engine, runner, log }: EnrichmentParts,
): Enrichment {
  return new Enrichment({
    config,
    engine,
    addon,
    host: openThisHost(),
    readStored: {
      executables: () => readStoredExecutables({ config, engine, runner }),
      containers: (most) => readStoredContainers({ engine, runner }, most),
    },
    onError: (error) => log.warn({ err: error }, "failed to enrich an event"),
  });
}
