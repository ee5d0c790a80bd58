import { type CronPlace, parseCron } from "../config/cron_line.js";

type ZonedCron = Required<Omit<CronPlace, "after">> & { readonly expression: string };

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** Time zones change their offset more often than so. */
const searchedDays = 400;

/**
 * First time of a cron line after `afterMs`, in milliseconds since 1970.
 *
 * Where clocks go back by less than an hour (Lord Howe Island, 30 minutes), cron-parser 5.10.6
 * throws "loop limit exceeded" for times behind the change, or gives a time before the one that it
 * starts from. Asked from the last minute before the change it is right, and no time of the line
 * lies between: it would have been found.
 */
export function nextCronTime(cron: ZonedCron, afterMs: number): number {
  const found = ask(cron, afterMs);
  if (typeof found === "number" && found > afterMs) return found;
  const changeMs = nextOffsetChange(cron.timezone, afterMs);
  if (changeMs !== null) {
    const later = ask(cron, Math.max(afterMs, changeMs - minuteMs));
    if (typeof later === "number" && later > afterMs) return later;
  }
  throw found instanceof Error ? found : new Error(`no time of "${cron.expression}" found`);
}

function ask({ expression, timezone, seed }: ZonedCron, afterMs: number): number | Error {
  try {
    return parseCron(expression, { timezone, seed, after: new Date(afterMs) })
      .next()
      .getTime();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** When the offset of the zone from UTC changes next, to the minute; null when it does not. */
function nextOffsetChange(timezone: string, afterMs: number): number | null {
  const zone = new Intl.DateTimeFormat("en", { timeZone: timezone, timeZoneName: "longOffset" });
  const offsetAt = (ms: number) =>
    zone.formatToParts(ms).find(({ type }) => type === "timeZoneName")?.value;
  const offset = offsetAt(afterMs);
  for (let day = 1; day <= searchedDays; day++) {
    let high = afterMs + day * dayMs;
    if (offsetAt(high) === offset) continue;
    let low = high - dayMs;
    while (high - low > minuteMs / 2) {
      const middle = (low + high) / 2;
      if (offsetAt(middle) === offset) low = middle;
      else high = middle;
    }
    return Math.round(high / minuteMs) * minuteMs;
  }
  return null;
}
