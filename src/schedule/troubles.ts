import type { Counter, CounterKey } from "../native/engine.js";
import type { ScheduleLog } from "./schedule_log.js";

/** What may fail at each run. */
export type TroubleKind = "decorators" | "discovery" | "queries";

export interface TroublesOptions {
  readonly log: ScheduleLog;
  readonly counter: (key: CounterKey) => Counter;
}

/**
 * Says once that something fails, and once that it works again, however often it is tried meanwhile.
 * How much fails now, and how often it did, is in `auditql_health`. Bounded by what is configured.
 */
export class Troubles {
  readonly #options: TroublesOptions;
  readonly #failing: Readonly<Record<TroubleKind, Set<string>>> = {
    decorators: new Set(),
    discovery: new Set(),
    queries: new Set(),
  };

  constructor(options: TroublesOptions) {
    this.#options = options;
  }

  failed(kind: TroubleKind, subject: string, level: "warn" | "error", message: string): void {
    const failing = this.#failing[kind];
    this.#counter(kind, "errors").add(1);
    if (failing.has(subject)) return;
    failing.add(subject);
    this.#note(kind);
    this.#options.log[level](message);
  }

  /** `name`: the subject, as messages name it. */
  works(kind: TroubleKind, subject: string, name: string): void {
    if (!this.#failing[kind].delete(subject)) return;
    this.#note(kind);
    this.#options.log.info(`${name} recovered`);
  }

  /** Another configuration: what it does not have has nothing to fail any more. */
  keep(kind: TroubleKind, subjects: ReadonlySet<string>): void {
    for (const subject of this.#failing[kind]) {
      if (subjects.has(subject)) continue;
      this.#failing[kind].delete(subject);
      this.#note(kind);
      this.#options.log.info(`${kind}: removed from the configuration while failing: ${subject}`);
    }
  }

  #note(kind: TroubleKind): void {
    this.#counter(kind, "failing").set(this.#failing[kind].size);
  }

  #counter(kind: TroubleKind, metric: string): Counter {
    return this.#options.counter({ stage: "schedule", name: kind, metric });
  }
}
