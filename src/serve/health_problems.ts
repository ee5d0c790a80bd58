import type { CaptureState } from "../native/capture_state.js";
import type { HealthRow } from "../native/engine.js";
import type { DescribedQuery } from "../schedule/schedule_description.js";
import { meaningOf } from "./counter_meanings.js";

/** A problem of the daemon or the host, with its remedy for the operator. */
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

/** All current problems, errors before warnings. */
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
  no_backend: "no events are captured",
  capture_off: "capture is turned off",
  no_sockets: "socket and file events are not captured",
  no_process_ends: "exits of some processes are not captured",
  auditing_off: "auditing is turned off in the kernel",
  no_records: "user records are not captured",
  rules_not_loaded: "audit rules of the configuration are not loaded",
  owner_rules_missing: "the audit rules of the stream's owner no longer record every call",
  owner_lost: "another process owns the audit stream",
  rules_missing: "auditql's audit rules are missing",
  task_rule: "an audit rule excludes new processes from the audit stream",
  never_rule: "audit rules of other programs suppress events",
  silent_processes: "processes older than auditing produce no records",
  ebpf_program_missing: "the kernel does not accept an eBPF program",
  no_32_bit_calls: "some calls of 32-bit programs are not captured",
  status_unknown: "the audit subsystem does not answer",
  source_failed: "an event source failed to start",
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
  const explanation = `${row.stage} ${row.name}: ${row.metric}${why} is ${row.value} since the counters started.`;
  return [{ severity, title, explanation, remedy }];
}

function scheduleProblems(query: DescribedQuery): readonly HealthProblem[] {
  const error = query.lastRun?.error ?? null;
  if (query.denylisted) {
    return [
      {
        severity: "error",
        title: `scheduled query ${query.name} is denylisted`,
        explanation: "Killed for exceeding its limits; disabled for 24 hours.",
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
      remedy: "Run its statement in the editor; SQLite's message names the error.",
    },
  ];
}
