import { hostname } from "node:os";
import type { Logger } from "pino";
import type { Config } from "../config/config.js";
import type { CaptureStatus, SourceProblem } from "../native/capture.js";
import type { CaptureState } from "../native/capture_state.js";
import type { Engine } from "../native/engine.js";
import { describeCapture } from "./describe_capture.js";
import { StoreRefusals } from "./store_refusals.js";

export interface CaptureWatchParts {
  readonly engine: Pick<Engine, "captureReport" | "counter" | "health">;
  readonly config: () => Config;
  readonly log: Logger;
}

/** Keeps the state of capture: polls it, and logs and counts its changes. */
export class CaptureWatch {
  readonly #parts: CaptureWatchParts;
  readonly #refusals = new StoreRefusals();
  #status: CaptureStatus | null = null;
  #sourceProblems: readonly SourceProblem[] = [];
  #state: CaptureState | null = null;

  constructor(parts: CaptureWatchParts) {
    this.#parts = parts;
  }

  /** Takes what the start of the capture came to. */
  started(status: CaptureStatus): void {
    this.#status = status;
    this.look();
  }

  /** Takes what the sources of files, syslog and devices said at their last start. */
  published(problems: readonly SourceProblem[]): void {
    this.#sourceProblems = problems;
    this.look();
  }

  /** The state now. */
  look(): CaptureState {
    const { engine, config } = this.#parts;
    const now = new Date();
    const { capture, publish } = config();
    const state = describeCapture(
      {
        host: hostname(),
        now: now.toISOString(),
        wanted: capture.backend,
        publish,
        status: this.#status,
        report: engine.captureReport(),
        sourceProblems: this.#sourceProblems,
        refusal: this.#refusals.look(engine.health(), now.getTime()),
      },
      this.#state,
    );
    const before = this.#state;
    this.#state = state;
    this.#tell(state, before);
    return state;
  }

  #tell(state: CaptureState, before: CaptureState | null): void {
    const { engine, log } = this.#parts;
    const counter = (name: string, metric: string, reason = "") =>
      engine.counter({ stage: "capture", name, metric, reason });
    for (const { name, state: sight } of state.sources) {
      counter(name, "is_seen").set(sight === "off" ? 0 : 1);
    }
    for (const { name, severity, reason, remedy } of added(state, before)) {
      counter("state", "problems", name).add();
      const text = `${name}: ${reason}. Remedy: ${remedy}`;
      if (severity === "error") log.error(text);
      else log.warn(text);
    }
    if (before === null) return;
    for (const { name } of added(before, state)) log.info(`${name}: no longer`);
  }
}

/** Problems of `state` that `other` does not have. */
function added(state: CaptureState, other: CaptureState | null): CaptureState["problems"] {
  const known = new Set(other?.problems.map(({ name }) => name) ?? []);
  return state.problems.filter(({ name }) => !known.has(name));
}
