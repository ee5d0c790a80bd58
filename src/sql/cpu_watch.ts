import { availableParallelism } from "node:os";
import type { CpuLimit } from "../config/query_limits.js";
import type { ResourceUsage } from "./query.js";

/** How often osquery's watchdog looks (INTERVAL of watcher.cpp). */
const sampleMs = 3000;

/** Says when a query has used more of the host's processors than it may, for as long as it may. */
export class CpuWatch {
  /** Milliseconds between calls of isExceeded(). */
  readonly periodMs: number;
  readonly #limit: CpuLimit;
  readonly #now: () => number;
  #usedMs = 0;
  #lookedAtMs: number;
  #exceededMs = 0;

  /** `now` is a clock that only goes forward, in milliseconds. */
  constructor(limit: CpuLimit, now: () => number = () => performance.now()) {
    this.#limit = limit;
    this.#now = now;
    this.#lookedAtMs = now();
    this.periodMs = Math.max(1, Math.min(sampleMs, limit.sustainedMs));
  }

  /** To be called about once a period, with what the query has used until now. */
  isExceeded({ userMs, systemMs }: ResourceUsage): boolean {
    // A timer on a busy host is late, and what was used meanwhile is more by as much.
    const passedMs = this.#now() - this.#lookedAtMs;
    const usedMs = userMs + systemMs - this.#usedMs;
    this.#lookedAtMs += passedMs;
    this.#usedMs += usedMs;
    const allowedMs = this.#limit.maxShare * availableParallelism() * passedMs;
    this.#exceededMs = usedMs > allowedMs ? this.#exceededMs + passedMs : 0;
    // Timers are early by a fraction of a millisecond.
    return Math.round(this.#exceededMs) >= this.#limit.sustainedMs;
  }
}
