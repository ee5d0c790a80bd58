import { median } from "../alternate.js";

/** A median of rounds, with the standard error of their mean. */
export interface Estimate {
  readonly value: number;
  readonly error: number;
}

export function estimate(values: readonly number[]): Estimate {
  const mean = values.reduce((sum, each) => sum + each, 0) / values.length;
  const squares = values.reduce((sum, each) => sum + (each - mean) ** 2, 0);
  // One round tells nothing about its error.
  const variance = values.length > 1 ? squares / (values.length - 1) : Number.NaN;
  return { value: median(values), error: Math.sqrt(variance / values.length) };
}

/** Of figures of the same rounds, round by round. */
export function paired(
  left: readonly number[],
  right: readonly number[],
  combine: (left: number, right: number) => number,
): Estimate {
  return estimate(left.map((value, round) => combine(value, right[round] ?? Number.NaN)));
}

/** `1.083 ± 0.004`. */
export function estimateText({ value, error }: Estimate, digits: number): string {
  if (!Number.isFinite(value)) return "-";
  if (!Number.isFinite(error)) return value.toFixed(digits);
  return `${value.toFixed(digits)} ± ${error.toFixed(digits)}`;
}
