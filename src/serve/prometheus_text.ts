import type { HealthRow } from "../native/addon.js";

/** Metrics that may fall, beside those whose unit tells; all others only ever rise. */
const gaugeMetrics = new Set([
  "backlog",
  "bytes",
  "ended_kept",
  "first_eid",
  "live",
  "next_eid",
  "rows",
  "workers",
]);

/** Health rows in Prometheus' text format 0.0.4, with labels `stage`, `name` and `reason`. */
export function prometheusText(rows: readonly HealthRow[], version: string): string {
  const families = new Map<string, HealthRow[]>();
  for (const row of rows) {
    const family = families.get(row.metric);
    if (family === undefined) families.set(row.metric, [row]);
    else family.push(row);
  }
  const lines = [...families].flatMap(([metric, family]) => familyLines(metric, family));
  return `${[...lines, ...processLines(version)].join("\n")}\n`;
}

function familyLines(metric: string, rows: readonly HealthRow[]): readonly string[] {
  const isGauge = gaugeMetrics.has(metric) || /(_ms|_depth|_depth_bytes|_backlog)$/.test(metric);

  const name = `auditql_${metric.replace(/[^a-zA-Z0-9_]/g, "_")}${isGauge ? "" : "_total"}`;
  return [
    `# HELP ${name} The metric '${escapeHelp(metric)}' of the table auditql_health.`,
    `# TYPE ${name} ${isGauge ? "gauge" : "counter"}`,
    ...rows.map((row) => `${name}${labels(row)} ${row.value}`),
  ];
}

function labels(row: HealthRow): string {
  const reason = row.reason === "" ? "" : `,reason="${escapeLabel(row.reason)}"`;
  return `{stage="${escapeLabel(row.stage)}",name="${escapeLabel(row.name)}"${reason}}`;
}

/** The process metrics that every Prometheus client library offers. */
function processLines(version: string): readonly string[] {
  const { user, system } = process.cpuUsage();
  return [
    "# HELP auditql_build_info Always 1; the label tells the version.",
    "# TYPE auditql_build_info gauge",
    `auditql_build_info{version="${escapeLabel(version)}"} 1`,
    "# HELP process_cpu_seconds_total CPU time of the daemon, without its query workers.",
    "# TYPE process_cpu_seconds_total counter",
    `process_cpu_seconds_total ${(user + system) / 1e6}`,
    "# HELP process_resident_memory_bytes Resident memory of the daemon.",
    "# TYPE process_resident_memory_bytes gauge",
    `process_resident_memory_bytes ${process.memoryUsage.rss()}`,
    "# HELP process_start_time_seconds Start of the daemon, seconds since 1970.",
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
