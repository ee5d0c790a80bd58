import type { HealthRow } from "../native/engine.js";
import type { HealthProblem } from "./health_problems.js";

/** What a counter above zero tells. */
export interface CounterMeaning {
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

const refused = (
  reason: string,
  what: Pick<CounterMeaning, "severity" | "title" | "remedy">,
): CounterMeaning => ({ metric: "refused", stage: "store", reason, ...what });

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
  dropped("capture", "truncated", {
    severity: "warning",
    title: "audit records were longer than the buffer that reads them",
    remedy: "Report it: the kernel's records are shorter. Their events have partial = 1.",
  }),
  dropped("capture", "too_long", {
    severity: "warning",
    title: "lines in the syslog pipe were too long, and cut",
    remedy: "Shorten the template of rsyslog, see docs/event-sources.md.",
  }),
  dropped("capture", "foreign_sender", {
    severity: "warning",
    title: "device events came from a process that may not send them",
    remedy: "They were ignored. Find out which process on this host sends netlink messages.",
  }),
  dropped("decode", "late", {
    severity: "warning",
    title: "records came after their event had been stored",
    remedy: "Reduce the CPU load, or exclude noisy processes with auditql.capture.exclude.",
  }),
  dropped("decode", "malformed", {
    severity: "warning",
    title: "records could not be decoded",
    remedy: "Please report it with a sample: auditql replay shows the line.",
  }),
  dropped("decode", "known_files_full", {
    severity: "warning",
    title:
      "process_file_events have paths by name alone: too many watched files are open or linked",
    remedy: "Narrow file_paths, or leave out busy folders with exclude_paths.",
  }),
  dropped("decode", "too_big", {
    severity: "warning",
    title: "events with too many records were cut",
    remedy: "They have partial = 1 and still hold what came first.",
  }),
  refused("disk_full", {
    severity: "error",
    title: "new events were not stored: the disk of the state directory is full",
    remedy: "Free room there, or lower auditql.events_max_bytes.",
  }),
  refused("disk_error", {
    severity: "error",
    title: "new events were not stored: the disk of the state directory fails",
    remedy: "See the kernel's log (dmesg), and replace the disk.",
  }),
  refused("too_big", {
    severity: "warning",
    title: "new events were not stored: one row was larger than a table may be",
    remedy: "Raise auditql.events_max_bytes.",
  }),
  dropped("store", "disk_full", {
    severity: "error",
    title: "events left their table early: the disk of the state directory is full",
    remedy: "Free room there, or lower auditql.events_max_bytes.",
  }),
  dropped("identity", "too_many_open", {
    severity: "warning",
    title: "process_lifetimes miss processes: too many were young at once",
    remedy:
      "Use process_events, which has them all, or exclude noisy processes with auditql.capture.exclude.",
  }),
  dropped("identity", "arguments", {
    severity: "warning",
    title: "process_lifetimes miss command lines: too many were held at once",
    remedy:
      "Use process_events, which has them all, or exclude noisy processes with auditql.capture.exclude.",
  }),
  dropped("identity", "too_many", {
    severity: "warning",
    title: "programs of excluded processes were forgotten: too many ran at once",
    remedy: "Narrow auditql.capture.exclude.",
  }),
  dropped("enrich", "queue_full", {
    severity: "warning",
    title: "executed files or containers came faster than they could be looked at",
    remedy:
      "Raise auditql.enrichment.cpu_percent, or exclude noisy processes with auditql.capture.exclude.",
  }),
  dropped("health", "slots_full", {
    severity: "warning",
    title: "there are more counters than auditql_health has room for",
    remedy: "Schedule fewer queries under one daemon.",
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
  dropped("log", "damaged", {
    severity: "error",
    title: "lines in a logger's queue were damaged on disk, and dropped",
    remedy: "Check the disk of the state directory.",
  }),
  dropped("log", "too_long", {
    severity: "warning",
    title: "rows were longer than the receiver of a logger takes, and were dropped",
    remedy:
      "Raise the limit of the receiver, and max_bytes of the logger's options; or select fewer or shorter columns.",
  }),
  dropped("log", "logger_closed", {
    severity: "warning",
    title: "status lines were not written, since their logger had ended",
    remedy: "See the output of the service for what the daemon said last.",
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
    metric: "rules_restored",
    stage: "capture",
    reason: null,
    severity: "warning",
    title: "another program removed audit rules of auditql, which put them back",
    remedy:
      "Find out what runs auditctl -D or augenrules, and load its rules before auditql starts.",
  },
  {
    metric: "owner_lost",
    stage: "capture",
    reason: null,
    severity: "warning",
    title: "another process took the audit stream for a while",
    remedy:
      "Stop that process (auditd: service auditd stop), or see that only one of them is started.",
  },
  {
    metric: "read_errors",
    stage: "capture",
    reason: null,
    severity: "error",
    title: "reading events from the kernel failed",
    remedy: "See the kernel's log (dmesg), then restart auditql.",
  },
  {
    metric: "poll_errors",
    stage: "capture",
    reason: null,
    severity: "warning",
    title: "the audit subsystem did not answer, or refused a change",
    remedy: "Run auditql doctor.",
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

/** What the counter means; null for one that tells nothing, or is zero. */
export function meaningOf(row: HealthRow): CounterMeaning | null {
  if (row.value === 0) return null;
  const found = meanings.find(
    ({ stage, metric, reason }) =>
      metric === row.metric &&
      (stage === null || stage === row.stage) &&
      (reason === null || reason === row.reason),
  );
  return found ?? null;
}
