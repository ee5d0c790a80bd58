import type { CaptureState } from "../native/capture_state.js";
import type { HealthRow } from "../native/engine.js";
import type { DescribedQuery } from "../schedule/schedule_description.js";
import { meaningOf } from "./counter_meanings.js";

/** Something that is amiss, for the one who has to put it right. */
export interface HealthProblem {
  readonly severity: "error" | "warning";
  readonly title: string;
  readonly explanation: string;
  readonly remedy: string;
}

export interface HealthFacts {
  readonly capture: CaptureState;
  readonly counters: readonly HealthRow[];
  readonly schedule: readonly DescribedQuery[];
}

/** Everything that is amiss, worst first. */
export function findProblems(facts: HealthFacts): readonly HealthProblem[] {
  const problems = [
    ...facts.capture.problems.map(captureProblem),
    ...facts.counters.flatMap(counterProblems),
    ...facts.schedule.flatMap(scheduleProblems),
  ];
  const errors = problems.filter(({ severity }) => severity === "error");
  return [...errors, ...problems.filter(({ severity }) => severity !== "error")];
}

const captureTitles: Readonly<Record<string, string>> = {
  no_backend: "nothing is captured",
  capture_off: "capture is turned off",
  no_sockets: "no socket, file and user events are captured",
  no_process_ends: "the ends of some processes are not seen",
  auditing_off: "auditing is turned off in the kernel",
  owner_lost: "another process owns the audit stream",
  rules_missing: "audit rules of auditql are missing",
  task_rule: "a rule keeps new processes out of the audit stream",
  never_rule: "audit rules of others hide events",
  silent_processes: "processes that are older than auditing make no records",
  status_unknown: "the audit subsystem does not answer",
  source_failed: "a source of events could not be started",
  store_refuses: "new events are not stored",
};

function captureProblem(problem: CaptureState["problems"][number]): HealthProblem {
  const { name, severity, since, reason, remedy } = problem;
  return {
    severity,
    title: captureTitles[name] ?? name,
    explanation: `${reason}. Since ${since}.`,
    remedy: `${remedy}.`,
  };
}

function counterProblems(row: HealthRow): readonly HealthProblem[] {
  const meaning = meaningOf(row);
  if (meaning === null) return [];
  const { severity, title, remedy } = meaning;
  const why = row.reason === "" ? "" : ` (${row.reason})`;
  const explanation = `${row.stage} ${row.name}: ${row.metric}${why} is ${row.value} since the counters began.`;
  return [{ severity, title, explanation, remedy }];
}

function scheduleProblems(query: DescribedQuery): readonly HealthProblem[] {
  const error = query.lastRun?.error ?? null;
  if (query.denylisted) {
    return [
      {
        severity: "error",
        title: `scheduled query ${query.name} is denylisted`,
        explanation: "It had to be killed, and does not run for a day after.",
        remedy: "Narrow its statement, or raise auditql.limits.scheduled.",
      },
    ];
  }
  if (error === null) return [];
  return [
    {
      severity: "error",
      title: `scheduled query ${query.name} failed`,
      explanation: error,
      remedy: "Try its statement in the editor; SQLite's message says what is wrong.",
    },
  ];
}
