import { timedOut, withTimeout } from "../enrich/with_timeout.js";
import { AuditqlError, messageOf } from "../errors.js";

/** Each closer may take so long, also when the time of all is used up: most close at once. */
const leastMs = 150;

interface Closer {
  readonly name: string;
  readonly close: () => Promise<void> | void;
  readonly mustBeAlone: boolean;
}

/** What close() did not manage. */
export interface Unclosed {
  /** Names and causes of what could not be closed. */
  readonly failures: readonly string[];
  /** Names of what is still closing: only the end of the process ends it. */
  readonly late: readonly string[];
}

/**
 * Closes what was opened, newest first. Neither what fails to close nor what waits without end keeps
 * the rest open.
 */
export class Resources {
  readonly #closers: Closer[] = [];
  #isClosed = false;

  /**
   * Remembers how to close something, and hands it through. What comes after close(), from a start
   * that a signal overtook, is closed at once, and `stopping` is thrown.
   * `mustBeAlone`: stays open where something that may use it is still closing.
   */
  add<T>(
    name: string,
    resource: T,
    close: (resource: T) => Promise<void> | void,
    { mustBeAlone = false } = {},
  ): T {
    if (this.#isClosed) {
      void started(() => close(resource)).catch(() => {});
      throw new AuditqlError("stopping", `The daemon is stopping: ${name} was closed.`);
    }
    this.#closers.push({ name, close: () => close(resource), mustBeAlone });
    return resource;
  }

  /** Closes everything in about `limitMs`. */
  async close(limitMs: number): Promise<Unclosed> {
    this.#isClosed = true;
    const end = performance.now() + limitMs;
    const failures: string[] = [];
    const lateNames: string[] = [];
    for (const { name, close, mustBeAlone } of this.#closers.splice(0).reverse()) {
      if (mustBeAlone && lateNames.length > 0) continue;
      const closing = started(close);
      // One that fails after its time is reported as late.
      closing.catch(() => {});
      try {
        const leftMs = Math.max(end - performance.now(), leastMs);
        if ((await withTimeout(closing, leftMs)) === timedOut) lateNames.push(name);
      } catch (error) {
        failures.push(`${name}: ${messageOf(error)}`);
      }
    }
    return { failures, late: lateNames };
  }
}

/** A promise also of what throws at once. */
async function started(work: () => Promise<void> | void): Promise<void> {
  await work();
}
