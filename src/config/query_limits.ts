import type { QueryLimits } from "../sql/query.js";
import type { Settings } from "./settings_schema.js";

/** Limits as the runner of queries takes them. */
export function limitsOf(limits: Settings["limits"]["adhoc"]): QueryLimits {
  return {
    timeoutMs: limits.timeout_ms,
    maxRows: limits.max_rows,
    maxBytes: limits.max_bytes,
    maxMemoryBytes: limits.max_memory_bytes,
  };
}
