import { messageOf } from "../errors.js";
import type { Counter, CounterKey } from "../native/engine.js";
import type { LogBatch } from "../schedule/result_sink.js";
import type { DiskQueue } from "./disk_queue.js";
import type { Logger } from "./logger.js";
import { Turns } from "./turns.js";

export interface QueuedLoggerOptions {
  readonly name: string;
  readonly logger: Logger;
  readonly queue: DiskQueue;
  /** Lines go to the logger at once while nothing is queued. */
  readonly isLocal: boolean;
  counter(key: CounterKey): Counter;
  /** Told once when lines begin to wait, and once when they are through. */
  onTrouble(message: string): void;
}

const firstRetryMs = 250;
/** A network comes back when it does; a disk that has room again should be noticed soon. */
const lastRetryMs = { local: 5_000, remote: 60_000 } as const;

/**
 * A logger with its on-disk queue. Lines that it does not take wait there in order; when the queue
 * is full the oldest are dropped and counted; when not even the queue takes lines (a full disk),
 * accept() waits, so that their events stay unread in the event tables.
 */
export class QueuedLogger {
  readonly #options: QueuedLoggerOptions;
  readonly #closing = new AbortController();
  readonly #queueTurns = new Turns();
  /** A receiver may take its time, and nobody waits for it but the lines behind. What is local
   * takes lines in turn with the queue: directly or from there, and in order. */
  readonly #loggerTurns: Turns;
  #draining: Promise<void> | null = null;
  #failures = 0;

  constructor(options: QueuedLoggerOptions) {
    this.#options = options;
    this.#loggerTurns = options.isLocal ? this.#queueTurns : new Turns();
    for (const metric of ["written", "bytes", "errors", "queue_depth"])
      this.#counter(metric).add(0);
    this.#counter("dropped", "queue_full").add(0);
    this.#noteDepth();
    if (!options.queue.isEmpty) this.#drain();
  }

  /** Resolves once the lines arrived, or wait on disk. Rejects only when closed before that. */
  async accept(batch: LogBatch): Promise<void> {
    for (;;) {
      if (this.#closing.signal.aborted) throw new Error(`logger ${this.#options.name} is closed`);
      if (await this.#queueTurns.run(() => this.#take(batch))) return;
      await this.#pause();
    }
  }

  async reopen(): Promise<void> {
    await this.#loggerTurns.run(() => this.#options.logger.reopen());
  }

  /** Ends deliveries; what is queued stays on disk for the next start. */
  async close(): Promise<void> {
    const { logger, queue, isLocal } = this.#options;
    this.#closing.abort();
    // A remote write may wait long for its receiver; its lines are still in the queue.
    if (!isLocal) await logger.close();
    await this.#draining;
    await this.#queueTurns.run(async () => {
      if (isLocal) await logger.close();
      await queue.close();
    });
  }

  async #take(batch: LogBatch): Promise<boolean> {
    const { queue, isLocal } = this.#options;
    if (isLocal && queue.isEmpty && (await this.#deliver(batch))) return true;
    try {
      const dropped = await queue.append(batch);
      if (dropped > 0) this.#counter("dropped", "queue_full").add(dropped);
      this.#noteDepth();
      this.#drain();
      return true;
    } catch (error) {
      this.#noteFailure(error);
      return false;
    }
  }

  async #deliver(batch: LogBatch): Promise<boolean> {
    try {
      await this.#options.logger.write(batch);
    } catch (error) {
      this.#noteFailure(error);
      return false;
    }
    this.#counter("written").add(batch.count);
    this.#counter("bytes").add(batch.lines.length);
    if (this.#failures > 0) this.#options.onTrouble(`Logger ${this.#options.name} works again.`);
    this.#failures = 0;
    return true;
  }

  /** Delivers what is queued until nothing is left. */
  #drain(): void {
    this.#draining ??= this.#drainAll().finally(() => {
      this.#draining = null;
      if (!this.#options.queue.isEmpty && !this.#closing.signal.aborted) this.#drain();
    });
  }

  async #drainAll(): Promise<void> {
    const { queue, isLocal } = this.#options;
    // What made the direct way fail will hardly have passed already.
    if (isLocal && this.#failures > 0) await this.#pause();
    while (!queue.isEmpty && !this.#closing.signal.aborted) {
      if (!(await this.#deliverFirst())) await this.#pause();
    }
  }

  async #deliverFirst(): Promise<boolean> {
    const { queue } = this.#options;
    try {
      const oldest = await this.#queueTurns.run(() => queue.first());
      if (oldest === null) return true;
      if (!(await this.#loggerTurns.run(() => this.#deliver(oldest.batch)))) return false;
      await this.#queueTurns.run(() => queue.shift(oldest));
      this.#noteDepth();
      return true;
    } catch (error) {
      this.#noteFailure(error);
      return false;
    }
  }

  #noteFailure(error: unknown): void {
    this.#counter("errors").add(1);
    this.#failures++;
    if (this.#failures > 1) return;
    const cause = messageOf(error);
    this.#options.onTrouble(
      `Logger ${this.#options.name} fails, lines wait until it works again: ${cause}`,
    );
  }

  #noteDepth(): void {
    const { bytes, lines } = this.#options.queue.depth;
    this.#counter("queue_depth").set(lines);
    this.#counter("queue_bytes").set(bytes);
  }

  /** Waits longer after each failure in a row; close() ends the wait. */
  #pause(): Promise<void> {
    const exponent = Math.min(Math.max(this.#failures - 1, 0), 16);
    const longest = this.#options.isLocal ? lastRetryMs.local : lastRetryMs.remote;
    const delayMs = Math.min(longest, firstRetryMs * 2 ** exponent);
    const { signal } = this.#closing;
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, delayMs);
      signal.addEventListener("abort", done);
    });
  }

  #counter(metric: string, reason?: string): Counter {
    const key: CounterKey = { stage: "log", name: this.#options.name, metric };
    return this.#options.counter(reason === undefined ? key : { ...key, reason });
  }
}
