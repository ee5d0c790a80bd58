import type { HealthRow } from "../native/engine.js";

/** After the last refused row, for so long the store counts as refusing: a flood has pauses. */
const keptMs = 60_000;

/** Notices that event tables do not take new rows, by the counters of the store. */
export class StoreRefusals {
  #total: number | null = null;
  #lastMs = Number.NEGATIVE_INFINITY;

  /** What is refused at this time, and why; null when nothing is. */
  look(rows: readonly HealthRow[], nowMs: number): string | null {
    const refused = rows.filter(({ stage, metric, reason, value }) => {
      // One row that is larger than a segment says nothing of the others.
      return stage === "store" && metric === "refused" && reason !== "too_big" && value > 0;
    });
    const total = refused.reduce((sum, { value }) => sum + value, 0);
    if (total > (this.#total ?? 0)) this.#lastMs = nowMs;
    this.#total = total;
    if (nowMs - this.#lastMs > keptMs) return null;
    const causes = refused.map(({ name, reason, value }) => `${name} ${value} (${reason})`);
    return `the store rejects new events; since the start: ${causes.join(", ")}`;
  }
}
