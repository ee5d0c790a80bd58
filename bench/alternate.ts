/** Something that is measured: one call, one figure. */
export interface Contender {
  readonly name: string;
  /** Runs once and gives what it took. */
  readonly measure: () => Promise<number> | number;
}

/** Figures of each contender by round. */
export type Rounds = ReadonlyMap<string, readonly number[]>;

/**
 * Measures all contenders in each round, each round in another order: what else the machine does
 * meets all of them alike.
 */
export async function alternate(contenders: readonly Contender[], rounds: number): Promise<Rounds> {
  const figures = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      const contender = contenders[(round + turn) % contenders.length];
      if (contender !== undefined) figures.get(contender.name)?.push(await contender.measure());
    }
  }
  return figures;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** Median of the quotients of the same round: what slowed a whole round down cancels out. */
export function medianRatio(over: readonly number[], under: readonly number[]): number {
  return median(over.map((value, round) => value / (under[round] ?? Number.NaN)));
}

/** Gives milliseconds since some moment. */
export type Clock = () => number;

/** CPU time of this process: what other processes do on a busy machine stays out of it. */
export const cpuClock: Clock = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

export const wallClock: Clock = () => performance.now();

/** Milliseconds of one call; short ones are called until a sample takes a few milliseconds. */
export function millisecondsOf(run: () => void, clock: Clock): number {
  const sampleMs = 5;
  let calls = 0;
  const start = clock();
  for (;;) {
    run();
    calls++;
    const taken = clock() - start;
    if (taken >= sampleMs) return taken / calls;
  }
}
