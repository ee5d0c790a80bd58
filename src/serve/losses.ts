import type { HealthRow } from "../native/engine.js";

/** Counters of events, records and log lines that are lost, by stage and metric. */
const lossMetrics: ReadonlySet<string> = new Set([
  "capture dropped",
  "decode dropped",
  "identity dropped",
  "enrich dropped",
  "health dropped",
  "log dropped",
  "store refused",
  "store dropped_unread",
]);

/** Of the rows that left their table, those that no bound of the configuration made leave. */
const unaskedDrops: ReadonlySet<string> = new Set(["damaged", "disk_full"]);

/** Whether a counter above zero means that something is lost that the configuration asks for. */
export function isLoss({ stage, metric, reason }: Omit<HealthRow, "value">): boolean {
  if (`${stage} ${metric}` === "store dropped") return unaskedDrops.has(reason);
  return lossMetrics.has(`${stage} ${metric}`);
}

/** PromQL that is above zero while anything is lost; docs/reference/http.md shows it. */
export const lossAlert = [
  `sum(rate({__name__=~"auditql_(${[...lossMetrics].map((name) => name.replace(" ", "_")).join("|")})_total"}[5m]))`,
  `sum(rate(auditql_store_dropped_total{reason=~"${[...unaskedDrops].join("|")}"}[5m]))`,
].join("\n  + ");

/** PromQL that is true while nothing is captured. */
export const captureAlert = "auditql_capture_active == 0";
