import { jsonString } from "./json_string.js";

/** What a run's lines have in common. */
export interface ResultHeader {
  readonly name: string;
  readonly hostIdentifier: string;
  readonly unixTime: number;
  readonly epoch: number;
  readonly counter: number;
  readonly numerics: boolean;
  readonly decorations: Readonly<Record<string, string>>;
  /** Decorations stand beside the other keys instead of under `decorations`. */
  readonly decorationsTopLevel: boolean;
}

const days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const twoDigits = (value: number) => String(value).padStart(2, "0");

/** asctime(3) in UTC: the day of the month is padded with a space. */
export function calendarTime(unixTime: number): string {
  const date = new Date(unixTime * 1000);
  const day = String(date.getUTCDate()).padStart(2, " ");
  const clock = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(twoDigits);
  return `${days[date.getUTCDay()]} ${months[date.getUTCMonth()]} ${day} ${clock.join(":")} ${date.getUTCFullYear()} UTC`;
}

/** Members from `name` to the decorations, in osquery's order, without braces. */
function members(header: ResultHeader): string {
  const common = [
    `"name":${jsonString(header.name)}`,
    `"hostIdentifier":${jsonString(header.hostIdentifier)}`,
    `"calendarTime":"${calendarTime(header.unixTime)}"`,
    `"unixTime":${header.unixTime}`,
    `"epoch":${header.epoch}`,
    `"counter":${header.counter}`,
    `"numerics":${header.numerics}`,
  ];
  // osquery keeps decorations in a std::map: sorted by name.
  const decorations = Object.entries(header.decorations)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${jsonString(name)}:${jsonString(value)}`);
  if (decorations.length === 0) return common.join(",");
  if (header.decorationsTopLevel) return [...common, ...decorations].join(",");
  return [...common, `"decorations":{${decorations.join(",")}}`].join(",");
}

/** One line per row; the bytes of the rows are not looked at. */
export function eventLines(
  header: ResultHeader,
  rows: readonly Buffer[],
  action: "added" | "removed" | "snapshot",
): Buffer {
  const prefix = Buffer.from(`{${members(header)},"columns":`);
  const suffix = Buffer.from(`,"action":"${action}"}\n`);
  return Buffer.concat(rows.flatMap((row) => [prefix, row, suffix]));
}

/** One line for a whole run. */
export function batchLine(
  header: ResultHeader,
  removed: readonly Buffer[],
  added: readonly Buffer[],
): Buffer {
  return Buffer.concat([
    Buffer.from('{"diffResults":{"removed":['),
    ...separated(removed),
    Buffer.from('],"added":['),
    ...separated(added),
    Buffer.from(`]},${members(header)}}\n`),
  ]);
}

/** One line for a whole snapshot. */
export function snapshotLine(header: ResultHeader, rows: readonly Buffer[]): Buffer {
  return Buffer.concat([
    Buffer.from('{"snapshot":['),
    ...separated(rows),
    Buffer.from(`],"action":"snapshot",${members(header)}}\n`),
  ]);
}

const comma = Buffer.from(",");

function separated(rows: readonly Buffer[]): Buffer[] {
  return rows.flatMap((row, index) => (index === 0 ? [row] : [comma, row]));
}
