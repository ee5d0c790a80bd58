import { setTimeout as delay } from "node:timers/promises";

export interface CpuBudgetOptions {
  /** Of one processor; 1 is all of it. */
  readonly share: number;
  /** What may be taken at once after a pause. */
  readonly burstMs: number;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
}

/** Bounds the CPU time of work that is done in steps: a bucket that fills at the allowed share. */
export class CpuBudget {
  readonly #options: CpuBudgetOptions;
  #leftMs: number;
  #filledAtMs: number;

  constructor(options: CpuBudgetOptions) {
    this.#options = options;
    this.#leftMs = options.burstMs;
    this.#filledAtMs = options.now();
  }

  /** How long the next step has to wait. */
  get waitMs(): number {
    this.#fill();
    return this.#leftMs > 0 ? 0 : Math.ceil((1 - this.#leftMs) / this.#options.share);
  }

  /** Resolves when there is something left to spend. */
  async available(): Promise<void> {
    for (let waitMs = this.waitMs; waitMs > 0; waitMs = this.waitMs) {
      await delay(waitMs);
    }
  }

  /** A step took so much; it may be more than was left, and the next one waits for it. */
  spend(ms: number): void {
    this.#fill();
    this.#leftMs -= ms;
  }

  #fill(): void {
    const { share, burstMs, now } = this.#options;
    const nowMs = now();
    this.#leftMs = Math.min(burstMs, this.#leftMs + (nowMs - this.#filledAtMs) * share);
    this.#filledAtMs = nowMs;
  }
}
