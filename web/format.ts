import type { Cell } from "./run_query.ts";

/** Text of a cell; NULL is shown as nothing. */
export function cellText(cell: Cell): string {
  return cell === null ? "" : String(cell);
}

export function clockTime(seconds: Cell): string {
  const date = new Date(Number(seconds) * 1000);
  return Number.isNaN(date.getTime()) ? "" : date.toLocaleTimeString([], { hour12: false });
}

export function dateTime(iso: string | null): string {
  return iso === null ? "" : new Date(iso).toLocaleString([], { hour12: false });
}

export function duration(ms: number): string {
  if (ms < 1000) return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 60_000)} min`;
}

export function count(n: number): string {
  return n.toLocaleString("en");
}

export function plural(n: number, noun: string): string {
  return `${count(n)} ${noun}${n === 1 ? "" : "s"}`;
}
