import type { Logger } from "pino";
import type { Config } from "../config/config.js";

export interface ConfigReloaderOptions {
  /** Begins to bring a configuration into force, one promise per stage. `signal`: the daemon ends. */
  apply(config: Config, signal: AbortSignal): readonly Promise<unknown>[];
  readonly log: Pick<Logger, "info" | "error">;
}

/**
 * Adopts changed configurations one after the other: each may take its time, for its
 * `file_paths_query` for example, and the newest must be the one that stays. One that was overtaken
 * while it waited is left out.
 */
export class ConfigReloader {
  readonly #options: ConfigReloaderOptions;
  readonly #end = new AbortController();
  #next: Config | null = null;
  #isRunning = false;

  constructor(options: ConfigReloaderOptions) {
    this.#options = options;
  }

  adopt(config: Config): void {
    if (this.#end.signal.aborted) return;
    this.#next = config;
    if (!this.#isRunning) void this.#adoptAll();
  }

  /** Adopts nothing more. What is on its way is told by its signal, and reports nothing any more. */
  close(): void {
    this.#end.abort();
    this.#next = null;
  }

  async #adoptAll(): Promise<void> {
    this.#isRunning = true;
    for (let config = this.#takeNext(); config !== null; config = this.#takeNext()) {
      const changes = await Promise.allSettled(this.#options.apply(config, this.#end.signal));
      if (!this.#end.signal.aborted) this.#report(changes);
    }
    this.#isRunning = false;
  }

  #takeNext(): Config | null {
    const next = this.#next;
    this.#next = null;
    return next;
  }

  #report(changes: readonly PromiseSettledResult<unknown>[]): void {
    const { log } = this.#options;
    const failed = changes.filter((change) => change.status === "rejected");
    for (const { reason } of failed)
      log.error({ err: reason }, "failed to apply the new configuration");
    if (failed.length === 0) log.info("configuration reloaded");
  }
}
