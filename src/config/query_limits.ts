import type { CamelKeys } from "../util/camel_keys.js";
import type { Settings } from "./settings_schema.js";

/** Limits of one query; each that is hit ends it with an error or a truncated result that says so. */
export interface QueryLimits extends CamelKeys<Settings["limits"]["adhoc"]> {
  readonly cpu?: CpuLimit;
}

/** A share of the host's processors that must not be exceeded for long. */
export interface CpuLimit {
  /** 1 is all of them. */
  readonly maxShare: number;
  readonly sustainedMs: number;
}
