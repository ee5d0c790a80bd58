import { parseArgs } from "node:util";
import { type Clock, cpuClock, wallClock } from "./alternate.js";

/** What `npm run bench -- …` was asked for. */
export interface BenchOptions {
  readonly names: readonly string[];
  /** Rows of process_events. */
  readonly rows: number;
  /** Turns of each contender; a bench may do fewer of what takes seconds. */
  readonly rounds: number;
  /** Also at 5,000,000 rows. */
  readonly full: boolean;
  /** Time of queries that are answered in the process of the bench, by the clock or by CPU time. */
  readonly clock: Clock;
  /** File for the plot of the cost as tables grow; null: no plot. */
  readonly plot: string | null;
}

/** Reads the command line; throws with a sentence about what is wrong with it. */
export function readBenchOptions(args: readonly string[]): BenchOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rows: { type: "string", default: "1000000" },
      rounds: { type: "string", default: "5" },
      full: { type: "boolean", default: false },
      cpu: { type: "boolean", default: false },
      plot: { type: "string" },
    },
  });
  return {
    names: positionals,
    rows: positiveInteger("rows", values.rows),
    rounds: positiveInteger("rounds", values.rounds),
    full: values.full,
    clock: values.cpu ? cpuClock : wallClock,
    plot: values.plot ?? null,
  };
}

function positiveInteger(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new Error(`--${name} takes a number above 0`);
  return value;
}
