#!/bin/sh
# cron-parser 5.10.6 (npm), Node.js 20 or later.
#
# Where a time zone goes back by 30 minutes instead of an hour, the iterator fails. Lord Howe Island
# goes from 02:00 (+11:00) to 01:30 (+10:30) at 2026-04-04T15:00Z.
#
# One would guess: next() after T is later than T, and "0 3 * * *" has a time on every day.
# Seen:
#   "0 * * * *" after 14:01Z gives 14:00Z, which is before the time that it starts from;
#   "0 3 * * *" after 13:00Z throws "Invalid expression, loop limit exceeded" (03:00 is 16:30Z);
#   "0 3 * * *" after 14:30Z gives 16:30Z: the last half hour before the change is right.
# Zones that change by one hour or by two (Antarctica/Troll) do neither.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . cron-parser@5.10.6 >/dev/null
cat > run.mjs <<'JS'
import { CronExpressionParser } from "cron-parser";
for (const [line, tz, start] of [
  ["0 * * * *", "Australia/Lord_Howe", "2026-04-04T14:01:00Z"],
  ["0 3 * * *", "Australia/Lord_Howe", "2026-04-04T13:00:00Z"],
  ["0 3 * * *", "Australia/Lord_Howe", "2026-04-04T14:30:00Z"],
  ["0 3 * * *", "Antarctica/Troll", "2026-10-24T23:10:00Z"],
]) {
  let found;
  try {
    found = CronExpressionParser.parse(line, { tz, currentDate: start }).next().toISOString();
  } catch (error) {
    found = error.message;
  }
  console.log(`${line} | ${tz} | ${start} | ${found}`);
}
JS
node run.mjs > seen
cat seen
cat > expected <<'END'
0 * * * * | Australia/Lord_Howe | 2026-04-04T14:01:00Z | 2026-04-04T14:00:00.000Z
0 3 * * * | Australia/Lord_Howe | 2026-04-04T13:00:00Z | Invalid expression, loop limit exceeded
0 3 * * * | Australia/Lord_Howe | 2026-04-04T14:30:00Z | 2026-04-04T16:30:00.000Z
0 3 * * * | Antarctica/Troll | 2026-10-24T23:10:00Z | 2026-10-25T03:00:00.000Z
END
diff expected seen
