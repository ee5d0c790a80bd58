/** Finished log lines on their way out. */
export interface LogBatch {
  readonly kind: "results" | "snapshots" | "status";
  /** Scheduled query; empty for status lines. */
  readonly query: string;
  /** Its pack, `main` for the schedule itself; empty for status lines. */
  readonly pack: string;
  /** Whole JSON objects, each ended by a newline. */
  readonly lines: Buffer;
  readonly count: number;
}

/** Takes log lines; the log folder implements it. */
export interface ResultSink {
  /** Resolves once the lines will survive the end of this process. */
  accept(batch: LogBatch): Promise<void>;
}
