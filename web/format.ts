import { displayText } from "../src/client/display_text.ts";
import type { Cell } from "./run_query.ts";
import { zone } from "./zone.ts";

/** A value as text; NULL, and what a row does not have, is nothing. Not for a screen: values are what
 * attackers typed. */
export function rawText(cell: Cell | undefined): string {
  return cell === null || cell === undefined ? "" : String(cell);
}

/** A value as it is shown: characters that would disguise it are written out, as in the shell. */
export function cellText(cell: Cell | undefined): string {
  return displayText(rawText(cell));
}

/** A time of the API, RFC 3339; null is nothing. */
export function dateTime(iso: string | null): string {
  if (iso === null) return "";
  const date = new Date(iso);
  const fraction = /\.(\d+)/.exec(iso)?.[1] ?? "";
  return Number.isNaN(date.getTime()) ? "" : isoText(date, fraction);
}

/** Seconds or nanoseconds since 1970, as columns of tables have them. */
export function timeText(number: Cell | undefined): string {
  const text = rawText(number);
  if (!/^\d+$/.test(text) || text === "0") return "";
  const isNanoseconds = text.length > secondsDigits;
  const seconds = isNanoseconds ? text.slice(0, -9) : text;
  const date = new Date(Number(seconds) * 1000);
  const fraction = isNanoseconds ? text.slice(-9) : "";
  return Number.isNaN(date.getTime()) ? "" : isoText(date, fraction);
}

/** More digits are nanoseconds: seconds of so many digits are 30,000 years away. */
const secondsDigits = 12;

/** Columns that are a time; values below a year after 1970 are counts of something. */
const timeName = /^(?:n?time|(?:start|exit|last|[acmb])_?time)$/;
const leastSeconds = 31_536_000;

/** The time that a value of a result is; null for other values. */
export function timeOfColumn(name: string, cell: Cell | undefined): string | null {
  if (!timeName.test(name) || !/^\d+$/.test(rawText(cell))) return null;
  return Number(cell) < leastSeconds ? null : timeText(cell) || null;
}

/** ISO 8601 with a blank for the T: `2026-11-30 18:10:08.123Z`, or with the offset of the zone. */
function isoText(date: Date, fraction: string): string {
  const offset = zone() === "utc" ? 0 : -date.getTimezoneOffset();
  const shifted = new Date(date.getTime() + offset * 60_000).toISOString();
  const trimmed = fraction.replace(/(?:000)+$/, "");
  const name = zone() === "utc" ? "Z" : offsetText(offset);
  return `${shifted.slice(0, 19).replace("T", " ")}${trimmed === "" ? "" : `.${trimmed}`}${name}`;
}

function offsetText(minutes: number): string {
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  const two = (n: number) => String(n).padStart(2, "0");
  return `${minutes < 0 ? "-" : "+"}${two(hours)}:${two(rest)}`;
}

/** `18:10` for the axis of a chart. */
export function clockText(seconds: number): string {
  return timeText(Math.round(seconds)).slice(11, 16);
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
