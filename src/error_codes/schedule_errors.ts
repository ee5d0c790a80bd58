import type { ErrorMeaning } from "./error_meaning.js";

/** Errors of the schedule. */
export const scheduleErrors = {
  schedule_state_broken: {
    status: 500,
    exitCode: 74,
    meaning:
      "Cannot open the schedule's database in the state directory. The message names the file; move it away to start with an empty one.",
  },
} as const satisfies Readonly<Record<string, ErrorMeaning>>;
