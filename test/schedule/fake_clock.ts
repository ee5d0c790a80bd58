import type { Clock, ClockTimer } from "../../src/schedule/clock.js";

interface Waiting {
  readonly atMs: number;
  readonly call: () => void;
}

/** A clock that a test moves; what is due is called in order, and what it starts is waited for. */
export class FakeClock implements Clock {
  #nowMs: number;
  readonly #waiting = new Set<Waiting>();

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  now(): number {
    return this.#nowMs;
  }

  at(atMs: number, call: () => void): ClockTimer {
    const waiting = { atMs, call };
    this.#waiting.add(waiting);
    return { cancel: () => void this.#waiting.delete(waiting) };
  }

  /** Lets time pass, one timer after the other. */
  async advanceTo(targetMs: number): Promise<void> {
    for (;;) {
      await settled();
      const next = [...this.#waiting].sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined || next.atMs > targetMs) break;
      this.#waiting.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.call();
    }
    this.#nowMs = targetMs;
    await settled();
  }

  /** Time passes while nothing runs, as in a suspend. */
  async jumpTo(targetMs: number): Promise<void> {
    this.#nowMs = targetMs;
    await this.advanceTo(targetMs);
  }
}

/** Everything that promises had to do is done after a few turns of the event loop. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}
