import { timedOut, withTimeout } from "../enrich/with_timeout.js";
import { messageOf } from "../errors.js";
import type { Counter, CounterKey } from "../native/engine.js";
import type { LogBatch } from "../schedule/result_sink.js";
import type { DiskQueue } from "./disk_queue.js";
import type { ResultLogger } from "./logger.js";
import { Mutex } from "./mutex.js";

export interface QueuedLoggerOptions {
  readonly name: string;
  readonly logger: ResultLogger;
  readonly queue: DiskQueue;
  /** Lines go to the logger at once while nothing is queued. */
  readonly isLocal: boolean;
  counter(key: CounterKey): Counter;
  /** Told once when lines begin to wait, and once when they are through. */
  onError(message: string): void;
}

const firstRetryMs = 250;
/** A local write that takes longer hangs: its file is on a disk that does not answer, for example. */
const stallMs = 10_000;
/** What close() leaves to the logger before it keeps lines in the queue. */
const closeMs = 500;
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
  readonly #queueTurns = new Mutex();
  /** A receiver may take its time, and nobody waits for it but the lines behind. */
  readonly #loggerTurns = new Mutex();
  /** What accept() has not finished: how its lines are kept when the logger hangs at the end. */
  readonly #accepting = new Set<() => Promise<void>>();
  #draining: Promise<void> | null = null;
  #failures = 0;
  /** A write that takes too long; until it has ended, no other may begin. */
  #stalled: Promise<unknown> | null = null;

  constructor(options: QueuedLoggerOptions) {
    this.#options = options;
    for (const metric of ["written", "bytes", "errors", "queue_depth"])
      this.#counter(metric).add(0);
    this.#counter("dropped", "queue_full").add(0);
    this.#noteDepth();
    this.#noteDamage();
    if (!options.queue.isEmpty) this.#drain();
  }

  /** Resolves once the lines arrived, or wait on disk. Rejects only when closed before that. */
  accept(batch: LogBatch): Promise<void> {
    return new Promise((resolve, reject) => {
      // For the next start: the logger has not taken the lines, and may still be about to.
      const keep = () => this.#keep(batch).then(resolve, reject);
      this.#accepting.add(keep);
      this.#takeOrWait(batch)
        .then(resolve, reject)
        .finally(() => this.#accepting.delete(keep));
    });
  }

  async #keep(batch: LogBatch): Promise<void> {
    if (!(await this.#enqueue(batch))) throw this.#closed();
  }

  #closed(): Error {
    return new Error(`logger ${this.#options.name} is closed`);
  }

  async #takeOrWait(batch: LogBatch): Promise<void> {
    for (;;) {
      this.#requireOpen();
      if (await this.#take(batch)) return;
      await this.#pause();
    }
  }

  #requireOpen(): void {
    if (this.#closing.signal.aborted) throw this.#closed();
  }

  async reopen(): Promise<void> {
    await this.#loggerTurns.run(() => this.#options.logger.reopen());
  }

  /** Ends deliveries; what is queued stays on disk for the next start. Waits for no write that hangs. */
  async close(): Promise<void> {
    const { logger, queue, isLocal } = this.#options;
    this.#closing.abort();
    // A remote write may wait long for its receiver; its lines are still in the queue.
    const closing = isLocal
      ? this.#loggerTurns.run(() => logger.close())
      : logger.close().then(() => this.#loggerTurns.run(async () => {}));
    await withTimeout(Promise.allSettled([closing, this.#draining]), closeMs);
    await Promise.all([...this.#accepting].map((keep) => keep()));
    await this.#queueTurns.run(() => queue.close());
  }

  /** Lines go to a local logger at once while nothing is queued, and otherwise behind what is. */
  #take(batch: LogBatch): Promise<boolean> {
    const { queue, isLocal } = this.#options;
    if (!isLocal) return this.#enqueue(batch);
    return this.#loggerTurns.run(async () => {
      this.#requireOpen();
      return (queue.isEmpty && (await this.#deliver(batch))) || (await this.#enqueue(batch));
    });
  }

  async #enqueue(batch: LogBatch): Promise<boolean> {
    const { queue } = this.#options;
    try {
      const dropped = await this.#queueTurns.run(() => queue.append(batch));
      if (dropped > 0) this.#counter("dropped", "queue_full").add(dropped);
      this.#noteDepth();
      if (!this.#closing.signal.aborted) this.#drain();
      return true;
    } catch (error) {
      this.#noteFailure(error);
      return false;
    }
  }

  async #deliver(batch: LogBatch): Promise<boolean> {
    try {
      await this.#write(batch);
    } catch (error) {
      this.#noteFailure(error);
      return false;
    }
    this.#counter("written").add(batch.count);
    this.#counter("bytes").add(batch.lines.length);
    if (this.#failures > 0) this.#options.onError(`logger ${this.#options.name} recovered`);
    this.#failures = 0;
    return true;
  }

  /** One that is not local bounds its writes itself (Logger.write). */
  async #write(batch: LogBatch): Promise<void> {
    const { logger, isLocal } = this.#options;
    if (!isLocal) return logger.write(batch);
    if (this.#stalled !== null) throw new Error("an earlier write has not finished");
    const writing = logger.write(batch);
    if ((await withTimeout(writing, stallMs)) !== timedOut) return;
    const over = () => {
      this.#stalled = null;
    };
    this.#stalled = writing.then(over, over);
    throw new Error(`a write timed out after ${stallMs / 1000} seconds`);
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
      this.#noteDamage();
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
    this.#options.onError(
      `logger ${this.#options.name} failed; buffering lines on disk until it recovers: ${cause}`,
    );
  }

  #noteDamage(): void {
    const { name, queue, onError } = this.#options;
    const lines = queue.takeDamaged();
    if (lines === 0) return;
    this.#counter("dropped", "damaged").add(lines);
    onError(`logger ${name}: dropped ${lines} queued lines that were damaged on disk`);
    this.#noteDepth();
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
