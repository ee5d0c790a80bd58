import type { Config, PublishConfig } from "../config/config.js";
import type { CaptureStatus, SourceProblem } from "../native/capture.js";
import type {
  CaptureProblem,
  CaptureReport,
  CaptureState,
  Sight,
  SourceName,
  SourceState,
  TableState,
} from "../native/capture_state.js";
import { tableSchemas } from "../tables/generated/table_schemas.js";

export interface CaptureFacts {
  readonly host: string;
  /** Now, ISO 8601. */
  readonly now: string;
  readonly wanted: Config["capture"]["backend"];
  readonly publish: PublishConfig;
  /** Null while the daemon starts. */
  readonly status: CaptureStatus | null;
  /** Of the backend that runs. */
  readonly report: CaptureReport;
  readonly sourceProblems: readonly SourceProblem[];
  /** Why the store takes no new rows; null while it does. */
  readonly refusal: string | null;
}

/** The same, once the capture has been started. */
type StartedFacts = CaptureFacts & { readonly status: CaptureStatus };
type Finding = Omit<CaptureProblem, "since">;
type Source = Omit<SourceState, "since">;

const sourceNames: readonly SourceName[] = ["processes", "sockets", "files", "records"];
const notRunning = "no capture backend is running";

/** The state of capture at this moment; what has not changed keeps its `since`. */
export function describeCapture(facts: CaptureFacts, before: CaptureState | null): CaptureState {
  const { host, now, status } = facts;
  const backend = status?.backend ?? null;
  const known = { ...facts, status: status ?? { backend: null, unavailable: [] } };
  const tables = tableStates(known);
  const problems = status === null ? [] : findings(known, tables);
  return {
    host,
    backend,
    since: before !== null && before.backend === backend ? before.since : now,
    sources: sourceNames.map((name) => {
      const source = sourceState(name, known);
      const earlier = before?.sources.find((each) => each.name === name);
      return { ...source, since: earlier?.state === source.state ? earlier.since : now };
    }),
    tables,
    problems: problems.map((problem) => {
      const earlier = before?.problems.find(({ name }) => name === problem.name);
      return { ...problem, since: earlier?.since ?? now };
    }),
  };
}

function sourceState(name: SourceName, { status, report, publish }: StartedFacts): Source {
  if (name === "files" && !publish.processFileEvents) {
    return publish.fileEvents === null
      ? { name, state: "off", reason: "no files are watched: file_paths is not configured" }
      : {
          name,
          state: "limited",
          reason: "changes are reported without the process that made them",
        };
  }
  return { name, ...seen(name, status, report) };
}

function seen(
  source: SourceName,
  { backend }: CaptureStatus,
  report: CaptureReport,
): { readonly state: Sight; readonly reason: string | null } {
  if (backend === null) return { state: "off", reason: notRunning };
  const state = report[source];
  if (state === "on") return { state, reason: null };
  const subject = source === "processes" || source === "sockets" ? "calls" : "records";
  // With audit alone, each problem of the stream is one of every source.
  const reasons = report.problems
    .filter(({ name }) => backend === "audit" || (problemKinds[name]?.of ?? subject) === subject)
    .map(({ reason }) => reason);
  return { state, reason: reasons.join("; ") || `${backend} does not report them` };
}

/** Event tables by what they are filled from; the rest come from processes. */
const captureSources: Readonly<Record<string, SourceName>> = {
  socket_events: "sockets",
  process_file_events: "files",
  user_events: "records",
  seccomp_events: "records",
  selinux_events: "records",
  apparmor_events: "records",
};

interface Publisher {
  /** As osquery calls it. */
  readonly name: string;
  isOn(publish: PublishConfig): boolean;
  readonly howToTurnOn: string;
}

const files: Publisher = {
  name: "inotify",
  isOn: ({ fileEvents }) => fileEvents !== null,
  howToTurnOn: "set enable_file_events and file_paths",
};

/** Publishers of tables that are not from the capture. */
const publishers: Readonly<Record<string, Publisher>> = {
  file_events: files,
  yara_events: files,
  syslog_events: {
    name: "syslog",
    isOn: ({ syslog }) => syslog !== null,
    howToTurnOn: "set enable_syslog",
  },
  hardware_events: {
    name: "udev",
    isOn: ({ devices }) => devices !== null,
    howToTurnOn: "remove it from events.disable_subscribers, and disable_events from the flags",
  },
};

function tableStates(facts: StartedFacts): readonly TableState[] {
  return Object.values(tableSchemas)
    .filter(({ kind }) => kind === "event")
    .map(({ name }) => {
      const publisher = publishers[name];
      return publisher === undefined
        ? { name, publisher: "auditeventpublisher", ...capturedTable(name, facts) }
        : { name, publisher: publisher.name, ...publishedTable(name, publisher, facts) };
    });
}

function capturedTable(name: string, facts: StartedFacts): Pick<TableState, "state" | "reason"> {
  const source = captureSources[name] ?? "processes";
  if (name === "process_file_events" && !facts.publish.processFileEvents) {
    return { state: "off", reason: "off: set audit_allow_fim_events and file_paths" };
  }
  const own = seen(source, facts.status, facts.report);
  const failures = failuresOf(name, facts);
  if (failures === null || own.state === "off") return own;
  return { state: "limited", reason: failures };
}

function publishedTable(
  name: string,
  publisher: Publisher,
  facts: CaptureFacts,
): Pick<TableState, "state" | "reason"> {
  if (!publisher.isOn(facts.publish)) {
    return { state: "off", reason: `off: ${publisher.howToTurnOn}` };
  }
  const reason = failuresOf(publisher === files ? "file_events" : name, facts);
  if (reason === null) return { state: "on", reason };
  // Of files, others may be watched.
  return { state: publisher === files ? "limited" : "off", reason };
}

function failuresOf(table: string, { sourceProblems }: CaptureFacts): string | null {
  const own = sourceProblems.filter((problem) => problem.table === table);
  return own.length === 0 ? null : own.map(({ message }) => message).join("; ");
}

function findings(facts: StartedFacts, tables: readonly TableState[]): readonly Finding[] {
  const { status, report, refusal } = facts;
  const found: Finding[] = [];
  if (status.backend === null) found.push(noBackend(facts));
  for (const problem of report.problems) {
    if (problem.name !== "no_sockets")
      found.push({ ...problem, severity: severityOf(problem.name, status.backend) });
    else found.push(withoutSockets(facts, problem));
  }
  const connector = status.unavailable.find(({ backend }) => backend === "proc-connector");
  if (status.backend === "audit" && connector !== undefined) {
    found.push({
      name: "no_process_ends",
      severity: "warning",
      reason: `the process connector is not available in addition to audit, so processes killed by a signal have no exit code: ${connector.reason}`,
      remedy: connector.remedy,
    });
  }
  const failed = tables.filter(({ name }) => failuresOf(name, facts) !== null);
  if (failed.length > 0) {
    found.push({
      name: "source_failed",
      severity: "error",
      reason: failed.map(({ name, reason }) => `${name}: ${reason ?? ""}`).join("; "),
      remedy: "correct the reported problem (docs/use/event-sources.md), then reload with SIGHUP",
    });
  }
  if (refusal !== null) {
    found.push({
      name: "store_refuses",
      severity: "error",
      reason: refusal,
      remedy: "free disk space in the state directory, or lower auditql.events_max_bytes",
    });
  }
  return found;
}

interface ProblemKind {
  /**
   * What it concerns where another backend than audit runs: processes and sockets, or the audit
   * stream. Without it: both.
   */
  readonly of?: "calls" | "records";
  readonly severity: CaptureProblem["severity"];
}

/** Problems that backends report, by name; any other is an error of both. */
const problemKinds: Readonly<Record<string, ProblemKind>> = {
  auditing_off: { of: "records", severity: "error" },
  ebpf_program_missing: { of: "calls", severity: "warning" },
  never_rule: { of: "records", severity: "error" },
  no_32_bit_calls: { of: "calls", severity: "warning" },
  no_records: { of: "records", severity: "warning" },
  no_sockets: { of: "calls", severity: "error" },
  owner_lost: { of: "records", severity: "warning" },
  owner_rules_missing: { severity: "warning" },
  rules_missing: { of: "records", severity: "error" },
  rules_not_loaded: { of: "records", severity: "warning" },
  silent_processes: { of: "calls", severity: "warning" },
  status_unknown: { of: "records", severity: "warning" },
  task_rule: { of: "records", severity: "error" },
};

function severityOf(name: string, backend: string | null): CaptureProblem["severity"] {
  const kind = problemKinds[name];
  // Next to another backend, what the stream lacks is the smaller part.
  return backend !== "audit" && kind?.of === "records" ? "warning" : (kind?.severity ?? "error");
}

function noBackend({ wanted, status }: StartedFacts): Finding {
  if (wanted === "none") {
    return {
      name: "capture_off",
      severity: "warning",
      reason:
        "process, socket and user events are not captured: the configuration disables capture",
      remedy:
        "set auditql.capture.backend to auto, remove disable_audit and disable_events from the flags, and restart auditql",
    };
  }
  const { unavailable } = status;
  return {
    name: "no_backend",
    severity: "error",
    reason: `process, socket and user events are not captured: ${joined(unavailable, ({ backend, reason }) => `${backend}: ${reason}`)}`,
    remedy: joined(unavailable, ({ backend, remedy }) => `${backend}: ${remedy}`) || doctor,
  };
}

const doctor = "run auditql doctor";

function withoutSockets(
  { wanted, status }: StartedFacts,
  problem: CaptureReport["problems"][number],
): Finding {
  const better = status.unavailable.filter(({ backend }) => backend !== "proc-connector");
  if (better.length === 0) {
    const remedy = "set auditql.capture.backend to auto, and restart auditql";
    return { ...problem, severity: "warning", remedy: wanted === "auto" ? doctor : remedy };
  }
  return {
    ...problem,
    severity: "error",
    reason: `${problem.reason}; the other backends are not usable: ${joined(better, ({ backend, reason }) => `${backend}: ${reason}`)}`,
    remedy: joined(better, ({ remedy }) => remedy) || doctor,
  };
}

function joined<Item>(items: readonly Item[], text: (item: Item) => string): string {
  return items.map(text).join("; ");
}
