import type { HealthRow } from "../native/engine.js";
import type { DescribedQuery } from "../schedule/schedule_description.js";

/** Something that is amiss, for the one who has to put it right. */
export interface HealthProblem {
  readonly severity: "error" | "warning";
  readonly title: string;
  readonly explanation: string;
  readonly remedy: string;
}

export interface HealthFacts {
  /** Of the daemon's readiness. */
  readonly reasons: readonly string[];
  readonly counters: readonly HealthRow[];
  readonly schedule: readonly DescribedQuery[];
}

/** What a counter above zero tells. */
interface CounterMeaning {
  readonly metric: string;
  /** Null: whatever the reason. */
  readonly reason: string | null;
  readonly stage: string | null;
  readonly severity: HealthProblem["severity"];
  readonly title: string;
  readonly remedy: string;
}

const dropped = (
  stage: string,
  reason: string,
  what: Pick<CounterMeaning, "severity" | "title" | "remedy">,
): CounterMeaning => ({ metric: "dropped", stage, reason, ...what });

const meanings: readonly CounterMeaning[] = [
  dropped("capture", "kernel_lost", {
    severity: "error",
    title: "the kernel dropped audit records before they could be read",
    remedy:
      "Raise auditql.capture.backlog_limit, or leave out noisy callers with auditql.capture.exclude.",
  }),
  dropped("capture", "enobufs", {
    severity: "error",
    title: "the socket to the kernel overflowed",
    remedy: "Look for what keeps the CPUs busy, or leave out noisy callers.",
  }),
  dropped("capture", "queue_full", {
    severity: "error",
    title: "records came faster than they could be decoded",
    remedy:
      "Look for what keeps the CPUs busy; auditql needs about one for 50,000 records a second.",
  }),
  dropped("capture", "overflow", {
    severity: "error",
    title: "changes of watched files came faster than the kernel's queue could hold",
    remedy:
      "Raise fs.inotify.max_queued_events (sysctl), or leave out busy folders with exclude_paths. What changed meanwhile is looked for once.",
  }),
  dropped("capture", "watch_limit", {
    severity: "error",
    title: "not every folder of file_paths can be watched",
    remedy: "Raise fs.inotify.max_user_watches (sysctl), or leave out folders with exclude_paths.",
  }),
  dropped("capture", "malformed", {
    severity: "warning",
    title: "lines in the syslog pipe, or device events, could not be read",
    remedy: "Compare rsyslog's template with docs/event-sources.md.",
  }),
  dropped("capture", "serial_gap", {
    severity: "warning",
    title: "records are missing in the kernel's numbering",
    remedy: "Compare with kernel_lost; another reader of the audit stream may have taken them.",
  }),
  dropped("decode", "malformed", {
    severity: "warning",
    title: "records could not be decoded",
    remedy: "Please report it with a sample: auditql replay shows the line.",
  }),
  dropped("decode", "too_big", {
    severity: "warning",
    title: "events with too many records were cut",
    remedy: "They have partial = 1 and still hold what came first.",
  }),
  dropped("store", "disk_full", {
    severity: "error",
    title: "the disk of the state directory is full",
    remedy: "Free room there, or lower events_max_bytes.",
  }),
  dropped("store", "disk_error", {
    severity: "error",
    title: "the disk of the state directory fails",
    remedy: "See the kernel's log (dmesg), and replace the disk.",
  }),
  dropped("store", "damaged", {
    severity: "error",
    title: "a damaged file of the store was moved aside",
    remedy: "Look for *.damaged-N in the state directory, and at the disk.",
  }),
  dropped("log", "queue_full", {
    severity: "error",
    title: "a logger was behind for so long that result lines were dropped",
    remedy: "See that its receiver answers, or raise its queue_max_bytes.",
  }),
  {
    metric: "dropped_unread",
    stage: "store",
    reason: null,
    severity: "error",
    title: "events left the table before every scheduled query had read them",
    remedy:
      "Raise events_max, events_max_bytes or events_expiry, or run the slowest query more often.",
  },
  {
    metric: "unsaved",
    stage: "schedule",
    reason: null,
    severity: "error",
    title: "the schedule's progress cannot be saved, and is in memory alone",
    remedy:
      "Make room on the disk of the state directory, or check the disk. After a crash before that, rows are logged again.",
  },
  {
    metric: "errors",
    stage: "log",
    reason: null,
    severity: "warning",
    title: "a logger failed to deliver, and tries again",
    remedy: "See the daemon's status log for the cause.",
  },
  {
    metric: "restore_errors",
    stage: "capture",
    reason: null,
    severity: "warning",
    title: "settings of the host's auditing could not be put back",
    remedy: "Compare auditctl -s with what it should be.",
  },
  {
    metric: "killed",
    stage: "sql",
    reason: null,
    severity: "warning",
    title: "query workers had to be killed",
    remedy: "A query did not end at its limit; the daemon's log names it.",
  },
  {
    metric: "unconfined",
    stage: "sql",
    reason: null,
    severity: "warning",
    title: "query workers keep rights that they do not need",
    remedy:
      "The daemon's log names them. Start the daemon with the capabilities that docs/security.md lists, on a kernel with seccomp.",
  },
  dropped("serve", "client_stalled", {
    severity: "warning",
    title: "clients stopped reading their answers",
    remedy: "Their queries were cancelled; see that clients read what they ask for.",
  }),
  dropped("serve", "token_wrong", {
    severity: "warning",
    title: "requests came with wrong tokens",
    remedy: "A client has an old token, or someone tries to guess one.",
  }),
  dropped("serve", "host_refused", {
    severity: "warning",
    title: "requests came under a foreign name",
    remedy:
      "Add the name to auditql.http.allowed_hosts if it is this host's; else it is an attack.",
  }),
  dropped("serve", "origin_refused", {
    severity: "warning",
    title: "pages of other sites sent requests",
    remedy: "They were refused. Find out which page a browser on this host had open.",
  }),
];

/** Everything that is amiss, worst first. */
export function findProblems(facts: HealthFacts): readonly HealthProblem[] {
  const problems = [
    ...facts.reasons.map(captureProblem),
    ...facts.counters.flatMap(counterProblems),
    ...facts.schedule.flatMap(scheduleProblems),
  ];
  const errors = problems.filter(({ severity }) => severity === "error");
  return [...errors, ...problems.filter(({ severity }) => severity !== "error")];
}

function captureProblem(reason: string): HealthProblem {
  return {
    severity: "error",
    title: "no events are captured",
    explanation: reason,
    remedy: "Follow the advice above, then start the daemon anew. auditql doctor checks the host.",
  };
}

function counterProblems(row: HealthRow): readonly HealthProblem[] {
  if (row.value === 0) return [];
  const meaning = meanings.find(
    ({ stage, metric, reason }) =>
      metric === row.metric &&
      (stage === null || stage === row.stage) &&
      (reason === null || reason === row.reason),
  );
  if (meaning === undefined) return [];
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
        remedy: "Narrow its statement, or raise auditql.limits.schedule.",
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
