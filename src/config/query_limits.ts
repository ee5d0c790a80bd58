import type { Settings } from "./settings_schema.js";

/** Limits of one query; each that is hit ends it with an error or a truncated result that says so. */
export interface QueryLimits {
  readonly timeoutMs: number;
  readonly maxRows: number;
  readonly maxBytes: number;
  /** Memory that the query may add to its worker's. */
  readonly maxMemoryBytes: number;
  readonly cpu?: CpuLimit;
}

/** A share of the host's processors that must not be exceeded for long. */
export interface CpuLimit {
  /** 1 is all of them. */
  readonly maxShare: number;
  readonly sustainedMs: number;
}

/** Limits as the runner of queries takes them. */
export function limitsOf(limits: Settings["limits"]["adhoc"]): QueryLimits {
  return {
    timeoutMs: limits.timeout_ms,
    maxRows: limits.max_rows,
    maxBytes: limits.max_bytes,
    maxMemoryBytes: limits.max_memory_bytes,
  };
}
