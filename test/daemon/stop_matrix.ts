import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { DaemonHome, DaemonProcess } from "../live/daemon_process.js";
import type { StopFault } from "./stop_faults.js";

/** What an administrator, or a service manager, may send. */
export const signalLists: readonly (readonly NodeJS.Signals[])[] = [
  ["SIGTERM"],
  ["SIGINT"],
  ["SIGQUIT"],
  ["SIGTERM", "SIGTERM"],
  ["SIGTERM", "SIGINT"],
];

/** From the first signal to the end; the rest is for a busy host. */
const promisedMs = 10_000;
const slackMs = 10_000;

export interface StopResult {
  readonly fault: string;
  readonly signals: string;
  readonly status: number | null;
  readonly seconds: string;
}

/** Sends the signals, half a second apart, to a daemon with the fault; sees that it ends. */
export async function stopWithFault(
  fault: StopFault,
  signals: readonly NodeJS.Signals[],
  { home, base }: { readonly home: DaemonHome; readonly base: object },
): Promise<StopResult> {
  const { daemon, close } = await fault.start(home, base);
  try {
    const begun = performance.now();
    for (const [index, signal] of signals.entries()) {
      if (index > 0) await sleep(500);
      daemon.signal(signal);
    }
    const status = await endOf(daemon);
    const elapsedMs = performance.now() - begun;
    const seconds = (elapsedMs / 1000).toFixed(1);
    assert.ok(elapsedMs < promisedMs + slackMs, `${fault.name}: ended after ${seconds} s`);
    return { fault: fault.name, signals: signals.join("+") || "-", status, seconds };
  } finally {
    await daemon.kill();
    close();
  }
}

async function endOf(daemon: DaemonProcess): Promise<number | null> {
  const patience = new AbortController();
  const { signal } = patience;
  const hung = sleep(promisedMs + slackMs, "hung", { signal }).catch(() => "");
  const status = await Promise.race([daemon.ended(), hung]);
  patience.abort();
  if (typeof status === "string") throw new Error(`the daemon hangs:\n${daemon.stderr}`);
  return status;
}

/** One line for each, for people and for notes about a release. */
export function printResults(title: string, results: readonly StopResult[]): void {
  console.log(`\n${title}`);
  for (const { fault, signals, status, seconds } of results)
    console.log(`  ${fault.padEnd(44)} ${signals.padEnd(16)} status ${status}  ${seconds} s`);
}
