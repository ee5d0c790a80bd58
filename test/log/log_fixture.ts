import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { LogConfig } from "../../src/config/config.js";
import type { LoggerContext } from "../../src/log/logger.js";
import type { Counter, CounterKey } from "../../src/native/engine.js";
import type { LogBatch } from "../../src/schedule/result_sink.js";

/** Counters in memory, by `name.metric.reason`. */
export class Counts {
  readonly values = new Map<string, number>();

  readonly counter = ({ name, metric, reason }: CounterKey): Counter => {
    const key = [name, metric, reason].filter(Boolean).join(".");
    return {
      add: (n = 1) => void this.values.set(key, this.get(key) + n),
      set: (value) => void this.values.set(key, value),
      get: () => this.get(key),
    };
  };

  get(key: string): number {
    return this.values.get(key) ?? 0;
  }
}

export function logConfig(folder: string, changes: Partial<LogConfig> = {}): LogConfig {
  return {
    directory: join(folder, "log"),
    resultsName: "osqueryd.results.log",
    snapshotsName: "osqueryd.snapshots.log",
    statusName: "osqueryd",
    mode: 0o600,
    rotation: { maxBytes: 0, maxAgeSeconds: 0, maxFiles: 25 },
    fsync: "never",
    loggers: [logger("filesystem")],
    queueDirectory: join(folder, "queues"),
    status: { disabled: false, minSeverity: 0, stderr: false, minStderr: 0, level: "info" },
    ...changes,
  };
}

export function logger(name: string, changes: Partial<LogConfig["loggers"][number]> = {}) {
  return { name, module: null, options: {}, filter: {}, queue_max_bytes: 1 << 24, ...changes };
}

/** What openLogger() gives each; `counts` has its counters, by metric and reason. */
export function loggerContext(config: LogConfig, counts = new Counts()): LoggerContext {
  const key = { stage: "log", name: "" } as const;
  return {
    config,
    hostname: "h",
    counter: (metric, reason) =>
      counts.counter(reason === undefined ? { ...key, metric } : { ...key, metric, reason }),
  };
}

/** A batch of result lines. */
export function results(...lines: readonly string[]): LogBatch {
  return {
    kind: "results",
    query: "q",
    pack: "main",
    lines: Buffer.from(lines.map((line) => `${line}\n`).join("")),
    count: lines.length,
  };
}

export function numbered(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, index) => `{"number":${from + index}}`);
}

export function readLines(path: string): string[] {
  return readFileSync(path, "utf8").split("\n").slice(0, -1);
}

const patienceMs = 120_000;

/** Waits until a claim holds; gives up after a time that only a claim that never holds takes. */
export async function until(claim: () => boolean): Promise<void> {
  const end = performance.now() + patienceMs;
  while (!claim()) {
    if (performance.now() > end) throw new Error(`never came true: ${claim}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
