import { type FSWatcher, watch } from "node:fs";
import { basename, dirname } from "node:path";
import type { Config } from "./config.js";
import { type LoadedConfig, type LoadOptions, loadConfig, requireConfig } from "./load_config.js";
import type { Problem } from "./problem.js";

/** Editors write a file in several steps; a reload waits until it was quiet for so long. */
const quietMs = 250;

export interface ConfigSourceEvents {
  /** A new configuration is in force. */
  onChange(config: Config, warnings: readonly Problem[]): void;
  /** The files cannot be used; the last good configuration stays in force. */
  onBroken(problems: readonly Problem[]): void;
}

/** The configuration of a running daemon: read once, then again on SIGHUP and when files change. */
export class ConfigSource {
  readonly warnings: readonly Problem[];
  readonly #options: LoadOptions;
  #current: Config;
  #isBroken = false;
  #events: ConfigSourceEvents | null = null;
  #watchers: FSWatcher[] = [];
  #quiet: NodeJS.Timeout | null = null;
  #refresh: NodeJS.Timeout | null = null;

  /** Throws `config_broken` when there is no usable configuration to start with. */
  constructor(options: LoadOptions) {
    const { config, warnings } = requireConfig(options);
    this.#options = options;
    this.#current = config;
    this.warnings = warnings;
  }

  /** The configuration in force. */
  get current(): Config {
    return this.#current;
  }

  /** Whether the files could not be used when they were last read. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** Starts watching the files. */
  start(events: ConfigSourceEvents): void {
    this.#events = events;
    this.#watch();
  }

  /** Reads the files now, as on SIGHUP. Pack files are read again too. */
  reload(): LoadedConfig {
    const loaded = loadConfig(this.#options);
    this.#isBroken = loaded.config === null;
    if (loaded.config === null) {
      this.#events?.onBroken(loaded.problems);
    } else if (JSON.stringify(loaded.config) !== JSON.stringify(this.#current)) {
      this.#current = loaded.config;
      this.#watch();
      this.#events?.onChange(loaded.config, loaded.problems);
    }
    return loaded;
  }

  close(): void {
    this.#events = null;
    this.#unwatch();
  }

  /** Folders are watched, not files: a file that is replaced has another inode. */
  #watch(): void {
    this.#unwatch();
    const { path, refreshSeconds } = this.#current;
    const name = basename(path);
    const changed = () => this.#reloadWhenQuiet();
    this.#watchFolder(dirname(path), (file) => {
      if (file === null || file === name || file === `${name}.d`) changed();
    });
    this.#watchFolder(`${path}.d`, changed);
    if (refreshSeconds > 0) {
      this.#refresh = setInterval(() => this.reload(), refreshSeconds * 1000);
      this.#refresh.unref();
    }
  }

  #watchFolder(folder: string, changed: (file: string | null) => void): void {
    try {
      const watcher = watch(folder, { persistent: false }, (_event, file) => changed(file));
      // inotify ends with the folder; SIGHUP and config_refresh still work.
      watcher.on("error", () => watcher.close());
      this.#watchers.push(watcher);
    } catch (error) {
      // There is usually no .d folder; creating it is seen in the folder of the main file.
      if (!isMissing(error)) throw error;
    }
  }

  #reloadWhenQuiet(): void {
    if (this.#quiet !== null) clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => {
      this.#quiet = null;
      this.reload();
    }, quietMs);
  }

  #unwatch(): void {
    for (const watcher of this.#watchers) watcher.close();
    this.#watchers = [];
    if (this.#quiet !== null) clearTimeout(this.#quiet);
    if (this.#refresh !== null) clearInterval(this.#refresh);
    this.#quiet = null;
    this.#refresh = null;
  }
}

const isMissing = (error: unknown) =>
  error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOSPC");
