import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { treeCpuSeconds, withDescendants } from "../process_usage.js";

/** A program that runs and captures. */
export interface Observer {
  readonly pid: number;
  /** Rows of the workload's calls so far, where it has such; null where it cannot be asked. */
  readonly recorded: () => Promise<Recorded | null>;
  /** Ends it. Gives what it lost itself; null when it does not count that. */
  readonly stop: () => Promise<number | null>;
}

export interface Recorded {
  readonly processes: number;
  readonly connects: number;
  readonly lost: number;
}

/** Rows of auditql_health that count a loss; a full table that drops its oldest rows loses none. */
export const lossWhere =
  "metric in ('dropped', 'refused') and not (stage = 'store' and reason in ('expired', 'max_rows', 'max_bytes'))";

/** Something whose cost is measured. */
export interface Contender {
  readonly name: string;
  /** `home`: an empty folder for its files. Null: nothing is started. */
  readonly start: ((home: string) => Promise<Observer>) | null;
}

/** A program in the foreground, and what it has printed. */
export class Program {
  readonly #child: ChildProcess;
  readonly #name: string;
  #output = "";

  constructor(command: readonly string[], environment: NodeJS.ProcessEnv = {}) {
    const [file = "", ...args] = command;
    this.#name = file;
    // A group of its own: Ctrl-C must reach the bench alone, which ends it and restores auditing.
    this.#child = spawn(file, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...environment },
      detached: true,
    });
    this.#child.once("error", (error) => this.#note(error.message));
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on("data", (part: Buffer) => this.#note(part.toString()));
    }
  }

  #note(text: string): void {
    this.#output = (this.#output + text).slice(-65_536);
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`Cannot start ${this.#name}.`);
    return this.#child.pid;
  }

  /** Waits until `isReady` is true; throws with what was printed when it exits before. */
  async until(isReady: (output: string) => boolean): Promise<void> {
    for (let tries = 0; tries < 1200; tries++) {
      if (this.#child.exitCode !== null || this.#child.pid === undefined) break;
      if (isReady(this.#output)) return;
      await sleep(50);
    }
    await this.end();
    throw new Error(`${this.#name} did not become ready: ${this.#output.trim()}`);
  }

  /** Ends it with its descendants; gives what was printed. */
  async end(): Promise<string> {
    if (this.#child.pid === undefined || this.#child.exitCode !== null) return this.#output;
    const closed = once(this.#child, "close");
    for (const pid of withDescendants(this.#child.pid)) kill(pid);
    await closed;
    return this.#output;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGTERM");
  } catch {
    // It has exited.
  }
}

const windowMs = 500;
const quietShare = 0.02;
const longestMs = 60_000;

/**
 * Waits until a program and its descendants took less than 2 % of one processor twice in a row, in
 * windows of half a second, or for a minute. Gives CPU seconds so far.
 */
export async function untilQuiet(pid: number): Promise<number> {
  let before = treeCpuSeconds(pid);
  for (let quiet = 0, waitedMs = 0; quiet < 2 && waitedMs < longestMs; waitedMs += windowMs) {
    await sleep(windowMs);
    const now = treeCpuSeconds(pid);
    quiet = (now - before) * 1000 < quietShare * windowMs ? quiet + 1 : 0;
    before = now;
  }
  return before;
}
