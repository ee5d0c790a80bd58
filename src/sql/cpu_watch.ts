import { availableParallelism } from "node:os";
import type { CpuLimit, ResourceUsage } from "./query.js";

/** How often osquery's watchdog looks (INTERVAL of watcher.cpp). */
const sampleMs = 3000;

/** Says when a query has used more of the host's processors than it may, for as long as it may. */
export class CpuWatch {
  /** Milliseconds between calls of isExceeded(). */
  readonly periodMs: number;
  readonly #limit: CpuLimit;
  #lastMs = 0;
  #exceededMs = 0;

  constructor(limit: CpuLimit) {
    this.#limit = limit;
    this.periodMs = Math.max(1, Math.min(sampleMs, limit.sustainedMs));
  }

  /** To be called once a period, with what the query has used until now. */
  isExceeded({ userMs, systemMs }: ResourceUsage): boolean {
    const usedMs = userMs + systemMs - this.#lastMs;
    this.#lastMs = userMs + systemMs;
    const allowedMs = this.#limit.maxShare * availableParallelism() * this.periodMs;
    this.#exceededMs = usedMs > allowedMs ? this.#exceededMs + this.periodMs : 0;
    return this.#exceededMs >= this.#limit.sustainedMs;
  }
}
