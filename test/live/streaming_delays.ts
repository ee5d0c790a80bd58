import { spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import type { DaemonHome } from "./daemon_process.js";
import { eventually } from "./eventually.js";
import { LogArrivals } from "./log_arrivals.js";

/** A row of the log that tells of one of our processes. */
export interface DelayedRow {
  readonly number: number;
  /** From the call, by the kernel's clock, to the line that could be read in the log. */
  readonly delayMs: number;
}

export interface StreamingOptions {
  readonly processes: number;
  /** The longest pause between two of them; each is drawn. */
  readonly maxPauseMs: number;
}

const tag = "auditql-streamed";

/** The same statement twice: as events arrive, and every `intervalSeconds`. */
export function streamingSchedule(intervalSeconds: number) {
  const query = `select ntime, cmdline from process_events
    where event_action = 'exec' and cmdline like '/bin/true ${tag}-%'`;
  return {
    streamed: { query, streaming: true },
    timed: { query, interval: intervalSeconds },
  };
}

/** Runs processes under a daemon with that schedule, and tells when the log told of each, in its order. */
export async function measureDelays(home: DaemonHome, options: StreamingOptions) {
  const arrivals = new LogArrivals(home.resultsPath);
  try {
    // Its first run waits for a worker that starts.
    spawnSync("/bin/true", [`${tag}-0`]);
    await eventually(
      async () => rowsOf(arrivals, "streamed"),
      (rows) => rows.length === 1,
    );
    for (let number = 1; number <= options.processes; number++) {
      spawnSync("/bin/true", [`${tag}-${number}`]);
      await sleep(Math.random() * options.maxPauseMs);
    }
    const rows = () => ({
      streamed: rowsOf(arrivals, "streamed"),
      timed: rowsOf(arrivals, "timed"),
    });
    const { streamed, timed } = await eventually(
      async () => rows(),
      (all) => Math.min(all.streamed.length, all.timed.length) > options.processes,
    );
    return { streamed: streamed.slice(1), timed: timed.slice(1) };
  } finally {
    arrivals.close();
  }
}

function rowsOf({ found }: LogArrivals, name: string): readonly DelayedRow[] {
  return found.flatMap(({ line, atMs }) => {
    const parsed: { name: string; columns: Record<string, string> } = JSON.parse(line);
    const number = new RegExp(`${tag}-(\\d+)$`).exec(parsed.columns["cmdline"] ?? "")?.[1];
    if (parsed.name !== name || number === undefined) return [];
    const calledMs = Number(parsed.columns["ntime"]) / 1e6;
    return [{ number: Number(number), delayMs: atMs - calledMs }];
  });
}
