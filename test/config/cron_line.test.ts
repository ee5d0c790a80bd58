import assert from "node:assert/strict";
import { test } from "node:test";
import { cronProblem } from "../../src/config/cron_line.js";
import { makeTimetable } from "../../src/schedule/timetable.js";
import { load, loadGood } from "./loaded_config.js";

/** What the library takes beyond crontab(5), and what crontab(5) has: taken, or refused and why. */
const decisions: readonly (readonly [string, RegExp | null])[] = [
  ["* * * * *", null],
  ["*/5 * * * *", null],
  ["1,2,10-20/3 * * * *", null],
  ["0 0 1-7 jan,mar-may mon-fri", null],
  ["0 0 * JAN Sun", null],
  ["0 0 * * 0", null],
  ["0 0 * * 7", null],
  ["@yearly", null],
  ["@annually", null],
  ["@monthly", null],
  ["@weekly", null],
  ["@daily", null],
  ["@midnight", null],
  ["@hourly", null],
  ["H H * * *", null],
  ["H/15 * * * *", null],
  ["H(0-29)/10 H(1-5) * * *", null],
  ["", /0 fields/],
  ["   ", /0 fields/],
  ["* * * *", /4 fields/],
  ["0 * * * * *", /6 fields/],
  ["@reboot", /startup_priority/],
  ["@secondly", /@hourly/],
  ["@minutely", /@hourly/],
  ["@weekdays", /@hourly/],
  ["0 0 L * *", /"L" is not a day of month/],
  ["0 0 * * 1L", /"1L" is not a day of week/],
  ["0 0 * * 1#2", /"1#2" is not a day of week/],
  ["0 0 ? * *", /"\?" is not a day of month/],
  ["0 0 15W * *", /"15W"/],
  ["0 0 H * *", /"H" is not a day of month/],
  ["0 0 * H *", /"H" is not a month/],
  ["0 0 * * H", /"H" is not a day of week/],
  ["H(1-70) * * * *", /"H\(1-70\)" is not a minute/],
  ["5/10 * * * *", /"5\/10" is not a minute/],
  ["*/0 * * * *", /"\*\/0"/],
  ["60 * * * *", /"60" is not a minute: use numbers from 0 to 59/],
  ["0 24 * * *", /"24" is not a hour/],
  ["0 0 0 * *", /"0" is not a day of month/],
  ["0 0 * 13 *", /"13" is not a month/],
  ["0 0 * * 8", /"8" is not a day of week/],
  ["20-10 * * * *", /"20-10"/],
  ["1,,2 * * * *", /"" is not a minute/],
  ["0 0 * * monday", /"monday"/],
  ["0 0 31 2 *", /day of month/i],
  ["a b c d e", /"a" is not a minute/],
];

test("cron lines are those of crontab(5), and H in minute and hour", () => {
  for (const [line, expected] of decisions) {
    const problem = cronProblem(line, "UTC");
    if (expected === null) assert.equal(problem, null, line);
    else assert.match(problem ?? "", expected, `"${line}"`);
  }
  assert.match(cronProblem("* * * * *", "Nope/Zone") ?? "", /unknown time zone "Nope\/Zone"/);
  assert.equal(cronProblem("* * * * *", "Australia/Lord_Howe"), null);
});

/** Times of a month from the given start. */
function timesOf(expression: string, hash: string, startMs = Date.UTC(2026, 2, 1)) {
  const trigger = { kind: "cron", expression, timezone: "UTC" } as const;
  const timetable = makeTimetable(trigger, { splayedSeconds: 0, hash });
  const times: number[] = [];
  for (let at = timetable.next(startMs); at < startMs + 30 * 86_400_000; at = timetable.next(at))
    times.push(at);
  return { times, periodSeconds: timetable.periodSeconds };
}

test("H runs once a day at one time, the same after a restart, another on another host", () => {
  const { times, periodSeconds } = timesOf("H H * * *", "host-a q");
  assert.equal(times.length, 30);
  assert.equal(new Set(times.map((at) => at % 86_400_000)).size, 1);
  assert.equal(periodSeconds, 86_400);
  assert.deepEqual(timesOf("H H * * *", "host-a q").times, times);
  const hosts = Array.from({ length: 50 }, (_, index) => `host-${index} q`);
  const starts = new Set(hosts.map((hash) => timesOf("H H * * *", hash).times[0]));
  assert.ok(starts.size > 40, `${starts.size} times of 50 hosts`);
});

test("H with a step or a range stays within them", () => {
  const quarters = timesOf("H/15 * * * *", "h").times.map((at) => (at / 60_000) % 60);
  assert.equal(new Set(quarters).size, 4);
  const nights = timesOf("H(10-19) H(1-3) * * *", "h").times.map((at) => new Date(at));
  assert.equal(nights.length, 30);
  for (const at of nights) {
    assert.ok(at.getUTCMinutes() >= 10 && at.getUTCMinutes() <= 19);
    assert.ok(at.getUTCHours() >= 1 && at.getUTCHours() <= 3);
  }
});

test("@midnight is the first minute of the day", () => {
  const { times } = timesOf("@midnight", "h");
  assert.equal(times.length, 29);
  assert.ok(times.every((at) => at % 86_400_000 === 0));
});

test("a cron line that is refused skips its query, with its place", (context) => {
  const { config, messages, problems } = load(context, {
    "auditql.conf": `{"schedule": {
      "a": {"query": "select 1", "cron": "* * * *"},
      "b": {"query": "select 1", "cron": "0 0 L * *"},
      "c": {"query": "select 1", "cron": "@daily", "timezone": "Nope"}
    }}`,
  });
  assert.deepEqual(config?.schedule.packs[0]?.queries, []);
  assert.deepEqual(
    problems.map(({ severity, position }) => [severity, position?.line]),
    [
      ["skip", 2],
      ["skip", 3],
      ["skip", 4],
    ],
  );
  assert.match(messages[0] ?? "", /^auditql\.conf:2:\d+: warning: cron "\* \* \* \*" \(UTC\)/);
});

test("of two triggers one has no effect, which a warning says", (context) => {
  const { config, messages } = loadGood(context, {
    "auditql.conf": `{"schedule": {
      "a": {"query": "select 1", "cron": "@daily", "interval": 60},
      "b": {"query": "select 1", "streaming": true, "cron": "@daily", "interval": 60},
      "c": {"query": "select 1", "interval": 60, "timezone": "UTC"}
    }}`,
  });
  const kinds = config.schedule.packs[0]?.queries.map(({ trigger }) => trigger.kind);
  assert.deepEqual(kinds, ["cron", "streaming", "interval"]);
  const texts = messages.map((message) => message.replace(/^auditql\.conf:(\d+):\d+: /, "$1 "));
  assert.deepEqual(texts, [
    "2 warning: schedule.a.interval has no effect together with cron.",
    "3 warning: schedule.b.cron has no effect together with streaming.",
    "3 warning: schedule.b.interval has no effect together with streaming.",
    "4 warning: timezone has no effect without cron.",
  ]);
});

test("each reserved query name is refused with its own reason", (context) => {
  const reasons = {
    "query.info": "start with query.",
    "cache.x": "start with cache.",
    "config_views.x": "start with config_views.",
    my_epoch: "end in epoch",
    mycounter: "end in counter",
  };
  for (const [name, reason] of Object.entries(reasons)) {
    const schedule = { [name]: { query: "select 1", interval: 60 } };
    const { messages } = loadGood(context, { "auditql.conf": JSON.stringify({ schedule }) });
    assert.deepEqual(
      messages.map((message) => message.replace(/^\S+ /, "")),
      [`warning: query name "${name}" is reserved (a name must not ${reason}), skipped.`],
    );
  }
});
