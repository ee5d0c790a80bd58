import { isDeepStrictEqual } from "node:util";
import type { Logger } from "pino";
import type { CaptureConfig } from "../config/config.js";
import type { StageProblem } from "../config/stage_problem.js";
import type { CaptureStatus } from "../native/capture.js";
import type { Engine } from "../native/engine.js";

/** Starts the capture, and follows changes of the configuration while it runs. */
export class CaptureControl {
  readonly #engine: Engine;
  readonly #log: Logger;
  #options: CaptureConfig | null = null;

  constructor(engine: Engine, log: Logger) {
    this.#engine = engine;
    this.#log = log;
  }

  /** Says what runs now, and why what would be better does not. */
  start(options: CaptureConfig): CaptureStatus {
    this.#options = options;
    const status = this.#engine.startCapture(options);
    for (const { backend, reason, remedy } of status.unavailable) {
      this.#log.warn(`cannot capture with ${backend}: ${reason}. Remedy: ${remedy}`);
    }
    if (status.backend !== null) this.#log.info(`capturing with ${status.backend}`);
    return status;
  }

  /**
   * The same exclusions may have to be other rules of the kernel by now: an excluded program may
   * have got a second name, or have become a link.
   */
  renew(): void {
    if (this.#options !== null) this.#change(this.#options);
  }

  /**
   * Rules and exclusions apply at once, unless there are `problems` with them: then the previous
   * ones stay. The rest is read at the start only.
   */
  reconfigure(options: CaptureConfig, problems: readonly StageProblem[]): void {
    const before = this.#options;
    if (before === null || isDeepStrictEqual(before, options)) return;
    if (!isDeepStrictEqual(startOnly(before), startOnly(options))) {
      this.#log.warn(
        "restart required to apply auditql.capture.backend, audit or backlog settings",
      );
    }
    const errors = problems.filter(({ severity }) => severity === "error");
    if (errors.length === 0) this.#change(options);
    else this.#reportKept(new Error(errors.map(({ message }) => message).join(" ")));
  }

  #change(options: CaptureConfig): void {
    try {
      this.#engine.changeCapture(options);
      this.#options = options;
    } catch (err) {
      this.#reportKept(err);
    }
  }

  #reportKept(err: unknown): void {
    this.#log.error(
      { err },
      "failed to apply new rules or exclusions; previous ones remain active",
    );
  }
}

function startOnly({ backend, audit, backlogLimit, backlogWaitTime }: CaptureConfig): unknown {
  return { backend, audit, backlogLimit, backlogWaitTime };
}
