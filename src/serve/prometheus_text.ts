import type { CaptureState } from "../native/capture_state.js";
import type { HealthRow } from "../native/engine.js";

/** What may fall as well as rise, told by its name whatever its stage: levels, limits, flags. */
const gaugeName =
  /^(backlog|backlog_limit|enabled|is_\w+|live|open|rules_missing|silent_processes|waiting|workers|\w+_(eid|kept|depth|ms|bytes))$/;
/** Levels of one stage whose names stand for sums in another. */
const gaugesOfStages = new Set(["store rows", "store bytes"]);

export interface MetricsSource {
  readonly rows: readonly HealthRow[];
  readonly version: string;
  readonly capture: CaptureState;
}

/** The samples of one metric, which Prometheus wants together, after their type. */
interface Family {
  readonly help: string;
  readonly type: "counter" | "gauge";
  readonly samples: string[];
}

/**
 * Health rows in Prometheus' text format 0.0.4, named `auditql_STAGE_METRIC`, with the labels `name`
 * and `reason`. Sums end in `_total`, and times are in seconds.
 * https://prometheus.io/docs/practices/naming/
 */
export function prometheusText({ rows, version, capture }: MetricsSource): string {
  const families = new Map<string, Family>();
  for (const row of rows) {
    const name = familyName(row);
    const family = families.get(name) ?? {
      help: `The metric '${row.metric}' of stage '${row.stage}' in the table auditql_health.`,
      type: isGauge(row) ? "gauge" : "counter",
      samples: [],
    };
    families.set(name, family);
    const value = row.metric.endsWith("_ms") ? row.value / 1000 : row.value;
    family.samples.push(`${name}${labels(row)} ${value}`);
  }
  const lines = [...families].flatMap(([name, { help, type, samples }]) => [
    `# HELP ${name} ${escapeHelp(help)}`,
    `# TYPE ${name} ${type}`,
    ...samples,
  ]);
  return `${[...lines, ...captureLines(capture), ...processLines(version)].join("\n")}\n`;
}

/** Each source has one sample of each state, of which the one that holds is 1. */
function captureLines({ backend, since, sources, host }: CaptureState): readonly string[] {
  const name = escapeLabel(backend ?? "none");
  const states = sources.flatMap((source) =>
    (["on", "limited", "off"] as const).map(
      (state) =>
        `auditql_capture_state{source="${source.name}",state="${state}",backend="${name}"} ${source.state === state ? 1 : 0}`,
    ),
  );
  return [
    "# HELP auditql_capture_active 1 while a backend is capturing, else 0.",
    "# TYPE auditql_capture_active gauge",
    `auditql_capture_active{backend="${name}",host="${escapeLabel(host)}"} ${backend === null ? 0 : 1}`,
    "# HELP auditql_capture_since_seconds Time since when the backend is running, or no backend is, in seconds since 1970.",
    "# TYPE auditql_capture_since_seconds gauge",
    `auditql_capture_since_seconds{backend="${name}"} ${Math.floor(Date.parse(since) / 1000)}`,
    "# HELP auditql_capture_state 1 for the current capture state of each source: processes, sockets, files, user records.",
    "# TYPE auditql_capture_state gauge",
    ...states,
  ];
}

function isGauge({ stage, metric }: HealthRow): boolean {
  return gaugeName.test(metric) || gaugesOfStages.has(`${stage} ${metric}`);
}

function familyName(row: HealthRow): string {
  const metric = row.metric.replace(/_ms$/, "_seconds").replace(/_total$/, "");
  const name = `auditql_${row.stage}_${metric}`.replace(/[^a-zA-Z0-9_]/g, "_");
  return isGauge(row) ? name : `${name}_total`;
}

function labels(row: HealthRow): string {
  const reason = row.reason === "" ? "" : `,reason="${escapeLabel(row.reason)}"`;
  return `{name="${escapeLabel(row.name)}"${reason}}`;
}

/** The process metrics that every Prometheus client library offers. */
function processLines(version: string): readonly string[] {
  const { user, system } = process.cpuUsage();
  return [
    "# HELP auditql_build_info Always 1; the label contains the version.",
    "# TYPE auditql_build_info gauge",
    `auditql_build_info{version="${escapeLabel(version)}"} 1`,
    "# HELP process_cpu_seconds_total CPU time of the daemon in seconds, without its query workers.",
    "# TYPE process_cpu_seconds_total counter",
    `process_cpu_seconds_total ${(user + system) / 1e6}`,
    "# HELP process_resident_memory_bytes Resident memory of the daemon, in bytes.",
    "# TYPE process_resident_memory_bytes gauge",
    `process_resident_memory_bytes ${process.memoryUsage.rss()}`,
    "# HELP process_start_time_seconds Start time of the daemon, in seconds since 1970.",
    "# TYPE process_start_time_seconds gauge",
    `process_start_time_seconds ${Math.round(Date.now() / 1000 - process.uptime())}`,
  ];
}

function escapeLabel(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}
