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
  /** Of status lines, one for each: the microseconds of its time, which osquery's JSON leaves out. */
  readonly microseconds?: readonly number[];
}

/** Takes log lines; the log folder implements it. */
export interface ResultSink {
  /** Resolves once the lines will survive the end of this process. */
  accept(batch: LogBatch): Promise<void>;
}
