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
      "Raise auditql.capture.backlog_limit, or exclude noisy processes with auditql.capture.exclude.",
  }),
  {
    metric: "lost",
    stage: "capture",
    reason: null,
    severity: "error",
    title: "the ring of the eBPF programs was full, and events were dropped",
    remedy: "Reduce the CPU load, or exclude noisy processes with auditql.capture.exclude.",
  },
  dropped("capture", "program_busy", {
    severity: "warning",
    title: "the kernel skipped eBPF programs in interrupts; each skip may have been an event",
    remedy: "Compare with the audit backend (auditql.capture.backend) if this goes on.",
  }),
  dropped("capture", "enobufs", {
    severity: "error",
    title: "the kernel socket's receive buffer overflowed",
    remedy: "Reduce the CPU load, or exclude noisy processes with auditql.capture.exclude.",
  }),
  dropped("capture", "queue_full", {
    severity: "error",
    title: "records came faster than they could be decoded",
    remedy: "Reduce the CPU load; auditql needs about one CPU for 50,000 records per second.",
  }),
  dropped("capture", "overflow", {
    severity: "error",
    title: "the kernel's inotify queue overflowed; changes of watched files were dropped",
    remedy:
      "Raise fs.inotify.max_queued_events (sysctl), or exclude busy folders with exclude_paths. auditql scans the watched folders once for missed changes.",
  }),
  dropped("capture", "watch_limit", {
    severity: "error",
    title: "not every folder of file_paths can be watched",
    remedy: "Raise fs.inotify.max_user_watches (sysctl), or exclude folders with exclude_paths.",
  }),
  dropped("capture", "malformed", {
    severity: "warning",
    title: "lines in the syslog pipe, or device events, could not be read",
    remedy: "Compare rsyslog's template with docs/use/event-sources.md.",
  }),
  dropped("capture", "serial_gap", {
    severity: "warning",
    title: "audit records are missing: their sequence numbers have gaps",
    remedy: "Compare with kernel_lost; another reader of the audit stream may have received them.",
  }),
  dropped("capture", "truncated", {
    severity: "warning",
    title: "audit records exceeded the read buffer and were truncated",
    remedy:
      "Please report this: kernel records are never that long. Their events have partial = 1.",
  }),
  dropped("capture", "too_long", {
    severity: "warning",
    title: "lines in the syslog pipe were too long and were truncated",
    remedy: "Shorten rsyslog's template; see docs/use/event-sources.md.",
  }),
  dropped("capture", "foreign_sender", {
    severity: "warning",
    title: "device events from an untrusted process were ignored",
    remedy: "Find the process on this host that sends netlink messages.",
  }),
  dropped("decode", "late", {
    severity: "warning",
    title: "records arrived after their event was stored",
    remedy: "Reduce the CPU load, or exclude noisy processes with auditql.capture.exclude.",
  }),
  dropped("decode", "malformed", {
    severity: "warning",
    title: "records could not be decoded",
    remedy: "Please report this with a sample: auditql replay shows the line.",
  }),
  dropped("decode", "known_files_full", {
    severity: "warning",
    title:
      "rows of process_file_events matched by path only: too many watched files are open or linked",
    remedy: "Narrow file_paths, or exclude busy folders with exclude_paths.",
  }),
  dropped("decode", "too_big", {
    severity: "warning",
    title: "events with too many records were truncated",
    remedy: "They have partial = 1 and contain their first records.",
  }),
  refused("disk_full", {
    severity: "error",
    title: "new events were not stored: the disk of the state directory is full",
    remedy: "Free disk space there, or lower auditql.events_max_bytes.",
  }),
  refused("disk_error", {
    severity: "error",
    title: "new events were not stored: I/O errors on the state directory",
    remedy: "Check the kernel log (dmesg), and replace the disk.",
  }),
  refused("too_big", {
    severity: "warning",
    title: "new events were not stored: a row exceeded the table's size limit",
    remedy: "Raise auditql.events_max_bytes.",
  }),
  dropped("store", "disk_full", {
    severity: "error",
    title: "events were evicted early: the disk of the state directory is full",
    remedy: "Free disk space there, or lower auditql.events_max_bytes.",
  }),
  dropped("identity", "too_many_open", {
    severity: "warning",
    title: "process_lifetimes lacks processes: too many recent processes at once",
    remedy:
      "Use process_events, which has all of them, or exclude noisy processes with auditql.capture.exclude.",
  }),
  dropped("identity", "arguments", {
    severity: "warning",
    title: "process_lifetimes lacks command lines: too many were buffered at once",
    remedy:
      "Use process_events, which has all of them, or exclude noisy processes with auditql.capture.exclude.",
  }),
  dropped("identity", "too_many", {
    severity: "warning",
    title: "programs of excluded processes were forgotten: too many ran at once",
    remedy: "Narrow auditql.capture.exclude.",
  }),
  dropped("enrich", "queue_full", {
    severity: "warning",
    title: "executed files or containers arrived faster than they could be inspected",
    remedy:
      "Raise auditql.enrichment.cpu_percent, or exclude noisy processes with auditql.capture.exclude.",
  }),
  dropped("health", "slots_full", {
    severity: "warning",
    title: "the limit on counters in auditql_health is reached",
    remedy: "Schedule fewer queries in this daemon.",
  }),
  dropped("store", "damaged", {
    severity: "error",
    title: "a damaged file of the store was renamed",
    remedy: "Find *.damaged-N in the state directory, and check the disk.",
  }),
  dropped("log", "queue_full", {
    severity: "error",
    title: "a logger's disk queue is full; result lines were dropped",
    remedy: "Check that its receiver responds, or raise its queue_max_bytes.",
  }),
  dropped("log", "damaged", {
    severity: "error",
    title: "damaged lines in a logger's disk queue were dropped",
    remedy: "Check the disk of the state directory.",
  }),
  dropped("log", "too_long", {
    severity: "warning",
    title: "rows exceeded the size limit of a logger's receiver and were dropped",
    remedy:
      "Raise the receiver's limit and max_bytes in the logger's options, or select fewer or shorter columns.",
  }),
  dropped("log", "logger_closed", {
    severity: "warning",
    title: "status lines were not written: their logger was already closed",
    remedy: "See the service's output (standard error) for the daemon's last messages.",
  }),
  {
    metric: "dropped_unread",
    stage: "store",
    reason: null,
    severity: "error",
    title: "events were evicted or expired before every scheduled query had read them",
    remedy:
      "Raise events_max, events_max_bytes or events_expiry, or run the slowest query more often.",
  },
  {
    metric: "unsaved",
    stage: "schedule",
    reason: null,
    severity: "error",
    title: "the schedule's progress cannot be saved; it is kept in memory only",
    remedy:
      "Free space on the disk of the state directory, or check the disk. If the daemon crashes before that, it logs rows a second time.",
  },
  {
    metric: "errors",
    stage: "log",
    reason: null,
    severity: "warning",
    title: "a logger failed to deliver lines and is retrying",
    remedy: "Check the daemon's status log for the cause.",
  },
  {
    metric: "rules_restored",
    stage: "capture",
    reason: null,
    severity: "warning",
    title: "another program removed auditql's audit rules; auditql restored them",
    remedy:
      "Find the program that runs auditctl -D or augenrules, and make it load its rules before auditql starts.",
  },
  {
    metric: "owner_given_up",
    stage: "capture",
    reason: null,
    severity: "warning",
    title: "auditql gave the audit stream to another process, and reads copies of its records",
    remedy:
      "Nothing is lost. To keep rules of process_file_events loaded, stop that process (auditd: service auditd stop).",
  },
  {
    metric: "owner_lost",
    stage: "capture",
    reason: null,
    severity: "warning",
    title: "another process temporarily owned the audit stream",
    remedy:
      "Stop that process (auditd: service auditd stop), or ensure that only one of the two is started.",
  },
  {
    metric: "read_errors",
    stage: "capture",
    reason: null,
    severity: "error",
    title: "reading events from the kernel failed",
    remedy: "Check the kernel log (dmesg), then restart auditql.",
  },
  {
    metric: "poll_errors",
    stage: "capture",
    reason: null,
    severity: "warning",
    title: "the audit subsystem did not answer, or rejected a change",
    remedy: "Run auditql doctor.",
  },
  {
    metric: "restore_errors",
    stage: "capture",
    reason: null,
    severity: "warning",
    title: "audit settings of the host could not be restored",
    remedy: "Compare auditctl -s with the host's intended settings.",
  },
  {
    metric: "killed",
    stage: "sql",
    reason: null,
    severity: "warning",
    title: "query workers had to be killed",
    remedy: "A query did not stop at its limit; the daemon's log names it.",
  },
  {
    metric: "unconfined",
    stage: "sql",
    reason: null,
    severity: "warning",
    title: "query workers run with unneeded capabilities or without a seccomp filter",
    remedy:
      "The daemon's log names them. Start the daemon with the capabilities listed in docs/deploy/security.md, on a kernel with seccomp.",
  },
  dropped("serve", "client_stalled", {
    severity: "warning",
    title: "clients stopped reading results",
    remedy: "Their queries were cancelled; ensure that clients read whole results.",
  }),
  dropped("serve", "token_wrong", {
    severity: "warning",
    title: "requests with an invalid token were rejected",
    remedy: "A client has an old token, or an attacker is guessing tokens.",
  }),
  dropped("serve", "host_refused", {
    severity: "warning",
    title: "requests with an unexpected Host header were rejected",
    remedy:
      "If the name is this host's, add it to auditql.http.allowed_hosts; otherwise it is an attack.",
  }),
  dropped("serve", "origin_refused", {
    severity: "warning",
    title: "cross-origin requests were rejected",
    remedy: "Find the page that a browser on this host had open.",
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
