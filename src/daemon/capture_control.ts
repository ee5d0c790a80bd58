import { isDeepStrictEqual } from "node:util";
import type { Logger } from "pino";
import type { CaptureOptions, CaptureStatus } from "../native/capture.js";
import type { Engine } from "../native/engine.js";

/** Starts the capture, and follows changes of the configuration while it runs. */
export class CaptureControl {
  readonly #engine: Engine;
  readonly #log: Logger;
  #options: CaptureOptions | null = null;
  #status: CaptureStatus = { backend: null, unavailable: [] };

  constructor(engine: Engine, log: Logger) {
    this.#engine = engine;
    this.#log = log;
  }

  get status(): CaptureStatus {
    return this.#status;
  }

  start(options: CaptureOptions): void {
    this.#options = options;
    this.#status = this.#engine.startCapture(options);
    for (const { backend, reason, remedy } of this.#status.unavailable) {
      this.#log.warn(`cannot capture with ${backend}: ${reason}. ${remedy}`);
    }
    if (this.#status.backend !== null) {
      this.#log.info(`capturing with ${this.#status.backend}`);
    } else if (options.backend !== "none") {
      this.#log.error(
        "no events are captured; tables of the host's state still answer. See auditql doctor.",
      );
    }
  }

  /** Rules and exclusions hold at once; the rest is read at the start only. */
  reconfigure(options: CaptureOptions): void {
    const before = this.#options;
    if (before === null || isDeepStrictEqual(before, options)) return;
    if (!isDeepStrictEqual(startOnly(before), startOnly(options))) {
      this.#log.warn("the changed capture backend or backlog takes effect at the next start");
    }
    try {
      this.#engine.changeCapture(options);
      this.#options = options;
    } catch (err) {
      this.#log.error({ err }, "the changed rules or exclusions failed; those before stay");
    }
  }
}

function startOnly({ backend, backlogLimit, backlogWaitTime }: CaptureOptions): unknown {
  return { backend, backlogLimit, backlogWaitTime };
}
