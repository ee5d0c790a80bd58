import { defineTable } from "../define_table.js";

const weekdays = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");
const months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

const twoDigits = (value: number): string => String(value).padStart(2, "0");

/** As asctime(3) writes it: `Sat Nov  1 07:43:06 2026 UTC`. */
function asciiTime(date: Date): string {
  const weekday = weekdays[date.getUTCDay()]?.slice(0, 3);
  const day = String(date.getUTCDate()).padStart(2, " ");
  const clock = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(twoDigits);
  const month = months[date.getUTCMonth()];
  return `${weekday} ${month} ${day} ${clock.join(":")} ${date.getUTCFullYear()} UTC`;
}

function localTimeZone(date: Date): string {
  const format = new Intl.DateTimeFormat("en-US", { timeZoneName: "short" });
  const zone = format.formatToParts(date).find(({ type }) => type === "timeZoneName");
  return zone?.value ?? "UTC";
}

export const time = defineTable("time", {
  *generate(request, host) {
    const date = new Date(host.now());
    const iso = `${date.toISOString().slice(0, 19)}Z`;
    yield {
      weekday: weekdays[date.getUTCDay()] ?? null,
      year: date.getUTCFullYear(),
      month: date.getUTCMonth() + 1,
      day: date.getUTCDate(),
      hour: date.getUTCHours(),
      minutes: date.getUTCMinutes(),
      seconds: date.getUTCSeconds(),
      timezone: "UTC",
      local_timezone: request.columns.has("local_timezone") ? localTimeZone(date) : null,
      unix_time: Math.floor(date.getTime() / 1000),
      timestamp: asciiTime(date),
      datetime: iso,
      iso_8601: iso,
    };
  },
});
