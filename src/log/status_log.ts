import { Writable } from "node:stream";
import { type Logger as PinoLogger, pino } from "pino";
import type { LogConfig } from "../config/config.js";
import type { Counter, CounterKey } from "../native/engine.js";
import type { ResultSink } from "../schedule/result_sink.js";
import { createMicrosecondClock } from "./microsecond_clock.js";
import { glogLine, type StatusRecord, statusJson } from "./status_line.js";

export interface StatusLogOptions {
  readonly config: LogConfig["status"];
  /** As host_identifier chooses; asked for each line, since the kind may need the state database. */
  hostIdentifier(): string;
  readonly version: string;
  counter(key: CounterKey): Counter;
  /** Where lines are written for people; standard error of the daemon. */
  writeStderr(line: string): void;
  /** Microseconds since 1970; the host's clock unless given. */
  readonly now?: () => number;
}

/** Status lines that wait for the loggers at most; the newest are dropped and counted. */
const maxPending = 1000;

const pinoLevels = { warn: 40, error: 50 } as const;

/** Status lines of the daemon: to standard error at once, and to the loggers once there are any. */
export class StatusLog {
  /** Give `.child({ stage })` to the parts of the daemon. */
  readonly logger: PinoLogger;
  readonly #options: StatusLogOptions;
  #sink: ResultSink | null = null;
  #pending: StatusRecord[] = [];
  #flushing: Promise<void> | null = null;
  /** Lines that the loggers have been given and not taken yet. */
  #given = 0;
  /** Lines that the loggers have refused, for they were closed. */
  #lost = 0;

  constructor(options: StatusLogOptions) {
    this.#options = options;
    const stream = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        this.#take(chunk.toString("utf8"));
        done();
      },
    });
    const { now = createMicrosecondClock() } = options;
    const timestamp = () => `,"time":${now()}`;
    this.logger = pino({ level: options.config.level, base: null, timestamp }, stream);
  }

  /** Lines go to these loggers from now on, those that waited first. */
  attach(sink: ResultSink): void {
    this.#sink = sink;
    this.#flush();
  }

  /** Waits until the loggers took what was said so far. */
  async flushed(): Promise<void> {
    while (this.#flushing !== null) await this.#flushing;
  }

  /** Lines that no logger has taken so far, nor its queue on disk. */
  get unlogged(): number {
    return this.#pending.length + this.#given + this.#lost;
  }

  #take(line: string): void {
    const record = toRecord(line, this.#options);
    const { config, writeStderr } = this.#options;
    if (config.stderr && record.severity >= config.minStderr) writeStderr(`${glogLine(record)}\n`);
    if (config.disabled || record.severity < config.minSeverity) return;
    if (this.#pending.length >= maxPending) {
      this.#counter("dropped", "queue_full").add(1);
      return;
    }
    this.#pending.push(record);
    this.#flush();
  }

  #flush(): void {
    if (this.#sink === null || this.#flushing !== null || this.#pending.length === 0) return;
    const records = this.#pending;
    this.#pending = [];
    const lines = Buffer.from(records.map((record) => `${statusJson(record)}\n`).join(""));
    const microseconds = records.map((record) => record.microseconds);
    const about = { kind: "status", query: "", pack: "", count: records.length } as const;
    const batch = { ...about, lines, microseconds };
    this.#given = records.length;
    this.#flushing = this.#sink
      .accept(batch)
      .catch(() => {
        this.#lost += records.length;
        this.#counter("dropped", "logger_closed").add(records.length);
      })
      .then(() => {
        this.#given = 0;
        this.#flushing = null;
        this.#flush();
      });
  }

  #counter(metric: string, reason: string): Counter {
    return this.#options.counter({ stage: "log", name: "status", metric, reason });
  }
}

/** pino's JSON line, as far as it is used here. */
interface PinoLine {
  readonly level: number;
  /** Microseconds since 1970. */
  readonly time: number;
  readonly msg?: string;
  readonly stage?: string;
  readonly err?: { readonly message?: string };
}

function toRecord(text: string, options: StatusLogOptions): StatusRecord {
  const line: PinoLine = JSON.parse(text);
  const cause = line.err?.message === undefined ? "" : `: ${line.err.message}`;
  return {
    hostIdentifier: options.hostIdentifier(),
    unixTime: Math.floor(line.time / 1_000_000),
    microseconds: line.time % 1_000_000,
    severity: line.level >= pinoLevels.error ? 2 : line.level >= pinoLevels.warn ? 1 : 0,
    filename: line.stage ?? "daemon",
    line: 0,
    message: `${line.msg ?? ""}${cause}`,
    version: options.version,
  };
}
