import { areSame, type FileStamps, stampsOf } from "../util/file_stamp.js";
import { timerDelay } from "../util/timer_delay.js";
import type { Config } from "./config.js";
import { type Diagnostic, formatDiagnostic, type Position } from "./diagnostic.js";
import { FolderWatch } from "./folder_watch.js";
import { type LoadedConfig, type LoadOptions, loadConfig, requireConfig } from "./load_config.js";

/** How long after a change in their folders the files are looked at, and again while they change. */
const lookMs = 400;
/** How often they are looked at anyway: network file systems tell nothing of other hosts. */
const slowLookMs = 10_000;
/** The same where a folder cannot be watched. */
const unwatchedLookMs = 2000;

export interface ConfigSourceEvents {
  /** A new configuration is active; `warnings` are those not reported before. */
  onChange(config: Config, warnings: readonly Diagnostic[]): void;
  /** What is new to say of files that come to the same configuration as before. */
  onWarnings(warnings: readonly Diagnostic[]): void;
  /** The files are invalid; the previous configuration stays active. */
  onBroken(problems: readonly Diagnostic[]): void;
}

/** The configuration of a running daemon: read once, then again on SIGHUP and when files change. */
export class ConfigSource {
  readonly warnings: readonly Diagnostic[];
  readonly #options: LoadOptions;
  #current: Config;
  #isBroken = false;
  #told: ReadonlySet<string>;
  #positionOf: LoadedConfig["positionOf"];
  #events: ConfigSourceEvents | null = null;
  /** What the files looked like when they were read, and when they were last looked at. */
  #read: FileStamps;
  #seen: FileStamps;
  readonly #folders = new FolderWatch(() => this.#lookSoon());
  #look: NodeJS.Timeout | null = null;
  #refresh: NodeJS.Timeout | null = null;

  /** Throws `config_broken` when there is no usable configuration to start with. */
  constructor(options: LoadOptions) {
    const { config, warnings, sources, positionOf } = requireConfig(options);
    this.#options = options;
    this.#read = new Map([...sources].map((path) => [path, ""]));
    this.#seen = this.#read;
    this.#current = config;
    this.#positionOf = positionOf;
    this.warnings = warnings;
    this.#told = new Set(warnings.map(formatDiagnostic));
  }

  /** The active configuration. */
  get current(): Config {
    return this.#current;
  }

  /** Position of a value of the active configuration; see LoadedConfig. */
  positionOf(keys: readonly string[]): Position | null {
    return this.#positionOf(keys);
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

  /** Reads the files now, as on SIGHUP. */
  reload(): LoadedConfig {
    const before = stampsOf(this.#read.keys());
    const loaded = loadConfig(this.#options);
    // A broken main file does not tell which packs there are.
    const known = loaded.config === null ? before.keys() : [];
    const sources = new Set([...loaded.sources, ...known]);
    // What was not looked at before it was read may have changed since: it is read once more.
    this.#read = new Map([...sources].map((path) => [path, before.get(path) ?? ""]));
    this.#seen = this.#read;
    this.#isBroken = loaded.config === null;
    const news = loaded.problems.filter((problem) => !this.#told.has(formatDiagnostic(problem)));
    this.#told = new Set(loaded.problems.map(formatDiagnostic));
    if (loaded.config !== null) this.#positionOf = loaded.positionOf;
    if (loaded.config === null) {
      this.#events?.onBroken(loaded.problems);
    } else if (JSON.stringify(loaded.config) !== JSON.stringify(this.#current)) {
      this.#current = loaded.config;
      this.#watch();
      this.#events?.onChange(loaded.config, news);
    } else if (news.length > 0) {
      this.#events?.onWarnings(news);
    }
    return loaded;
  }

  close(): void {
    this.#events = null;
    this.#unwatch();
  }

  #watch(): void {
    this.#unwatch();
    this.#rest();
    const { refreshSeconds } = this.#current;
    if (refreshSeconds <= 0) return;
    this.#refresh = setInterval(() => this.reload(), timerDelay(refreshSeconds * 1000)).unref();
  }

  /** Sleeps until something changes; what did before the folders were watched is seen here. */
  #rest(): void {
    const isWatched = this.#folders.arm(this.#read.keys());
    const isQuiet = areSame(stampsOf(this.#read.keys()), this.#seen);
    const restMs = isWatched ? slowLookMs : unwatchedLookMs;
    this.#lookIn(isQuiet ? restMs : lookMs);
  }

  #lookSoon(): void {
    this.#lookIn(lookMs);
  }

  #lookIn(ms: number): void {
    if (this.#look !== null) clearTimeout(this.#look);
    this.#look = setTimeout(() => this.#lookNow(), ms).unref();
  }

  /** Editors write a file in several steps: files are read once they look the same twice. */
  #lookNow(): void {
    const seen = stampsOf(this.#read.keys());
    const isQuiet = areSame(seen, this.#seen);
    this.#seen = seen;
    if (isQuiet && !areSame(seen, this.#read)) this.reload();
    if (this.#events === null) return;
    if (isQuiet) this.#rest();
    else this.#lookSoon();
  }

  #unwatch(): void {
    this.#folders.close();
    if (this.#look !== null) clearTimeout(this.#look);
    if (this.#refresh !== null) clearInterval(this.#refresh);
    this.#look = null;
    this.#refresh = null;
  }
}
