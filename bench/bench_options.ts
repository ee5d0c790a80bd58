import { parseArgs } from "node:util";
import { type Clock, cpuClock, wallClock } from "./alternate.js";
import type { Peer } from "./overhead/contenders.js";

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
  /** File for the plot of the bench that was named; null: no plot. */
  readonly plot: string | null;
  /** Of a turn of `overhead`. */
  readonly shells: number;
  readonly connects: number;
  /** Further programs that `overhead` measures. */
  readonly peers: readonly Peer[];
  /** `overhead` measures the highest rate for so long instead; 0: it does not. */
  readonly stormSeconds: number;
  /** Of `memory`. */
  readonly events: number;
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
      shells: { type: "string", default: "3072" },
      connects: { type: "string", default: "60000" },
      peer: { type: "string", multiple: true, default: [] },
      storm: { type: "string" },
      events: { type: "string", default: "10000000" },
    },
  });
  return {
    names: positionals,
    rows: positiveInteger("rows", values.rows),
    rounds: positiveInteger("rounds", values.rounds),
    full: values.full,
    clock: values.cpu ? cpuClock : wallClock,
    plot: values.plot ?? null,
    shells: positiveInteger("shells", values.shells),
    connects: positiveInteger("connects", values.connects),
    peers: values.peer.map(peerOf),
    stormSeconds: values.storm === undefined ? 0 : positiveInteger("storm", values.storm),
    events: positiveInteger("events", values.events),
  };
}

function positiveInteger(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new Error(`--${name} takes a number above 0`);
  return value;
}

function peerOf(text: string): Peer {
  const [name = "", ...start] = text.split("=");
  if (name === "" || start.length === 0) throw new Error("--peer takes NAME=START");
  return { name, start: start.join("=") };
}
