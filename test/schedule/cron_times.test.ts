import assert from "node:assert/strict";
import { test } from "node:test";
import { nextCronTime } from "../../src/schedule/cron_times.js";

/** Times that follow `after`, as text. */
function times(expression: string, timezone: string, after: string, count: number): string[] {
  const found: string[] = [];
  for (let at = Date.parse(after); found.length < count; ) {
    at = nextCronTime({ expression, timezone, seed: "" }, at);
    found.push(new Date(at).toISOString().slice(0, 16));
  }
  return found;
}

// Lord Howe Island goes from 02:00 (+11) back to 01:30 (+10:30) at 2026-04-04T15:00Z (tzdata,
// australasia). cron-parser 5.10.6 throws for these, or goes back itself.
test("cron lines go on where clocks go back by half an hour", () => {
  const zone = "Australia/Lord_Howe";
  assert.deepEqual(times("0 * * * *", zone, "2026-04-04T12:30Z", 5), [
    "2026-04-04T13:00",
    "2026-04-04T14:00",
    "2026-04-04T15:30",
    "2026-04-04T16:30",
    "2026-04-04T17:30",
  ]);
  const daily = ["2026-04-04T16:30", "2026-04-05T16:30"];
  assert.deepEqual(times("0 3 * * *", zone, "2026-04-03T16:00Z", 2), daily);
  assert.deepEqual(times("10 1 * * *", zone, "2026-04-04T14:16Z", 1), ["2026-04-05T14:40"]);
});

test("no time of a cron line is before the time that it follows", () => {
  const zones = ["Australia/Lord_Howe", "Europe/Berlin", "America/Havana", "Antarctica/Troll"];
  const changes = ["2026-03-08T05:00Z", "2026-03-29T01:00Z", "2026-04-04T15:00Z"];
  changes.push("2026-10-03T15:30Z", "2026-10-25T01:00Z", "2026-11-01T05:00Z");
  for (const timezone of zones) {
    for (const change of changes) {
      for (let minutes = -180; minutes <= 120; minutes += 11) {
        const afterMs = Date.parse(change) + minutes * 60_000;
        for (const expression of ["0 * * * *", "15 1 * * *", "*/20 2,3 * * *"]) {
          const next = nextCronTime({ expression, timezone, seed: "" }, afterMs);
          assert.ok(next > afterMs, `${expression} ${timezone} after ${change} ${minutes}`);
        }
      }
    }
  }
});

test("a line whose day never comes is an error", () => {
  const never = { expression: "0 0 31 2 *", timezone: "Europe/Berlin", seed: "" };
  assert.throws(() => nextCronTime(never, 0));
});
