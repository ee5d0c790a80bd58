import { hostname } from "node:os";
import { join } from "node:path";
import type { LogConfig, LoggerConfig } from "../config/config.js";
import { AuditqlError, messageOf } from "../errors.js";
import type { Counter, CounterKey } from "../native/engine.js";
import type { LogBatch, ResultSink } from "../schedule/result_sink.js";
import { DiskQueue } from "./disk_queue.js";
import { type LineFilter, readLineFilter } from "./line_filter.js";
import { openLogger } from "./open_logger.js";
import { QueuedLogger } from "./queued_logger.js";

export interface LogOutputOptions {
  readonly config: LogConfig;
  counter(key: CounterKey): Counter;
  /** Told when a logger begins to fail and when it works again. */
  onError(message: string): void;
}

interface Output {
  readonly filter: LineFilter;
  readonly queued: QueuedLogger;
}

/** Every configured logger: lines are accepted once each of them has them or keeps them on disk. */
export class LogOutput implements ResultSink {
  #options: LogOutputOptions;
  #outputs: Promise<readonly Output[]>;

  // biome-ignore lint/style/useConsistentMemberAccessibility: only the static method makes one.
  private constructor(options: LogOutputOptions, outputs: readonly Output[]) {
    this.#options = options;
    this.#outputs = Promise.resolve(outputs);
  }

  /** Throws `logger_unknown`, `logger_broken` or `log_queue_failed`. */
  static async open(options: LogOutputOptions): Promise<LogOutput> {
    return new LogOutput(options, await openOutputs(options));
  }

  async accept(batch: LogBatch): Promise<void> {
    const outputs = await this.#outputs;
    await Promise.all(
      outputs.map(async ({ filter, queued }) => {
        const passed = filter(batch);
        if (passed !== null) await queued.accept(passed);
      }),
    );
  }

  /** Uses other loggers from now on. When they cannot be opened the old ones are taken again. */
  async reconfigure(config: LogConfig): Promise<void> {
    const before = this.#options;
    if (JSON.stringify(config) === JSON.stringify(before.config)) return;
    const outputs = await this.#outputs;
    const next = { ...before, config };
    let failure: unknown = null;
    this.#outputs = closeOutputs(outputs)
      .then(() => openOutputs(next))
      .catch((error) => {
        failure = error;
        return openOutputs(before);
      });
    await this.#outputs;
    if (failure !== null) throw failure;
    this.#options = next;
  }

  /** SIGHUP: files may have been moved away. */
  async reopen(): Promise<void> {
    for (const { queued } of await this.#outputs) await queued.reopen();
  }

  /** Pending accept() calls are rejected: what they carry was not logged. */
  async close(): Promise<void> {
    await closeOutputs(await this.#outputs);
  }
}

async function closeOutputs(outputs: readonly Output[]): Promise<void> {
  await Promise.all(outputs.map(({ queued }) => queued.close()));
}

async function openOutputs(options: LogOutputOptions): Promise<Output[]> {
  const outputs: Output[] = [];
  try {
    for (const logger of options.config.loggers) outputs.push(await openOutput(logger, options));
  } catch (error) {
    await closeOutputs(outputs);
    throw error;
  }
  return outputs;
}

async function openOutput(logger: LoggerConfig, options: LogOutputOptions): Promise<Output> {
  const { config, counter, onError } = options;
  const { name } = logger;
  const filter = readLineFilter(logger);
  const open = await openLogger(logger, {
    config,
    hostname: hostname(),
    counter: (metric, reason) =>
      counter({ stage: "log", name, metric, ...(reason === undefined ? {} : { reason }) }),
  });
  const queue = await openQueue(join(config.queueDirectory, name), logger.queue_max_bytes);
  const queued = new QueuedLogger({ name, queue, counter, onError, ...open });
  return { filter, queued };
}

async function openQueue(directory: string, maxBytes: number): Promise<DiskQueue> {
  try {
    return await DiskQueue.open(directory, maxBytes);
  } catch (cause) {
    const reason = messageOf(cause);
    throw new AuditqlError("log_queue_failed", `cannot use the queue in ${directory}: ${reason}`, {
      cause,
    });
  }
}
