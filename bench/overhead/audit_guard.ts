import { execFileSync } from "node:child_process";
import {
  type AuditState,
  readAuditState,
  restoreAuditState,
  whyNoLiveAudit,
} from "../../test/live/audit_state.js";

/** Ends what runs at the moment. */
export type Stop = () => Promise<unknown>;

/**
 * The host's auditing while programs are measured that change it. It is restored after each of
 * them, and on SIGINT and SIGTERM, which end the bench.
 */
export class AuditGuard {
  readonly #found: AuditState = readAuditState();
  #running: Stop | null = null;

  /** Why auditing cannot be measured here; null when it can. */
  static whyNot = whyNoLiveAudit;

  async use<T>(act: () => Promise<T>): Promise<T> {
    const signals = ["SIGINT", "SIGTERM"] as const;
    const onSignal = (signal: NodeJS.Signals) => void this.#abandon(signal);
    for (const each of signals) process.once(each, onSignal);
    try {
      return await act();
    } finally {
      await this.stopped();
      for (const each of signals) process.off(each, onSignal);
    }
  }

  /** Switches auditing off until `stopped`, so that no contender pays for what the host had on. */
  switchOff(): void {
    execFileSync("auditctl", ["-e", "0"], { stdio: "ignore" });
  }

  /** `stop` is called on a signal, too, from now on until `stopped`. */
  started(stop: Stop): void {
    this.#running = stop;
  }

  /** Ends what runs, and restores auditing. Throws when it is not as it was found. */
  async stopped(): Promise<unknown> {
    const stop = this.#running;
    this.#running = null;
    try {
      return await stop?.();
    } finally {
      restoreAuditState(this.#found);
      const left = readAuditState();
      if (JSON.stringify(left) !== JSON.stringify(this.#found)) {
        process.stderr.write(`bench: auditing differs from before: ${JSON.stringify(left)}\n`);
      }
    }
  }

  async #abandon(signal: NodeJS.Signals): Promise<void> {
    try {
      await this.stopped();
    } finally {
      process.stderr.write(`bench: ended by ${signal}\n`);
      process.exit(130);
    }
  }
}

/** Loads a file of rules and settings, as augenrules does at boot; gives once they are loaded. */
export function loadRules(path: string): void {
  execFileSync("auditctl", ["-R", path], { stdio: ["ignore", "ignore", "pipe"] });
}
