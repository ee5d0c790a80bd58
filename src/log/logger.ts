import type Type from "typebox";
import type { TSchema } from "typebox";
import type { LogConfig } from "../config/config.js";
import type { Counter } from "../native/engine.js";
import type { LogBatch } from "../schedule/result_sink.js";

/** Takes log lines to where they are read. */
export interface ResultLogger {
  /**
   * Resolves once the lines arrived. When it rejects, the same lines are given again later; lines
   * that arrived already may then arrive twice, but none may be torn or out of order.
   * Never called again before it settled.
   */
  write(batch: LogBatch): Promise<void>;
  /** SIGHUP: files were moved away by logrotate, a connection may be stale. */
  reopen(): Promise<void>;
  /** Ends the logger. One that is not local must end a write() that waits: it rejects soon. */
  close(): Promise<void>;
}

/** What a logger is opened with besides its own options. */
export interface LoggerContext {
  readonly config: LogConfig;
  readonly hostname: string;
  /** A counter of this logger in `auditql_health`. */
  counter(metric: string, reason?: string): Counter;
}

/** A kind of logger; one file each, listed in all.ts. */
export interface LoggerDefinition<Schema extends TSchema = TSchema> {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of auditql.log.loggers.<name>.options. */
  readonly options: Schema;
  /**
   * Whether write() ends quickly or fails quickly. Lines for a logger that waits for others, on a
   * network, go through its on-disk queue always, so that it never holds up the schedule.
   */
  readonly isLocal: boolean;
  /** Why no line will arrive with these options, without a side effect; in words, empty: nothing. */
  check?(options: Type.Static<Schema>): readonly string[];
  open(options: Type.Static<Schema>, context: LoggerContext): Promise<ResultLogger>;
}

/** Declares a logger. */
export function defineLogger<Schema extends TSchema>(
  definition: LoggerDefinition<Schema>,
): LoggerDefinition<Schema> {
  return definition;
}
