import type { Engine, HealthRow } from "../native/engine.js";

/** What of decoding is shown line by line, and what of tables. */
const decoding: readonly string[] = ["used", "ignored", "dropped", "partial"];
const storing: readonly string[] = ["stored", "dropped", "refused"];

/**
 * What became of the lines of replayed logs, and of the events in them: two sums, and the counters
 * that are not 0 as `stage name metric [reason]: value`.
 */
export function replayStatistics(engine: Pick<Engine, "health">): string {
  const rows = engine.health().filter((row) => row.value !== 0);
  const sum = (stage: string, name: string, metric: string, reasons?: readonly string[]) =>
    rows
      .filter((row) => row.stage === stage && row.name === name && row.metric === metric)
      .filter((row) => reasons === undefined || reasons.includes(row.reason))
      .reduce((total, row) => total + row.value, 0);
  const lines = sum("decode", "audit", "seen");
  const other = sum("decode", "audit", "dropped", ["malformed", "too_big"]);
  const taken = sum("decode", "audit", "events");
  const ignored = sum("decode", "audit", "events_ignored");
  const threads = sum("identity", "processes", "thread_forks");
  const checks = sum("identity", "processes", "exec_checks");
  const isShown = ({ stage, name, metric }: HealthRow) =>
    (stage === "decode" && name === "audit" && decoding.includes(metric)) ||
    (stage === "store" && storing.includes(metric));
  return [
    `lines: ${lines} = ${lines - other} records + ${other} others`,
    `events: ${taken + ignored} = ${taken} for tables + ${ignored} ignored`,
    `events for tables without a row: ${threads} threads, ${checks} checks of executables`,
    ...rows.filter(isShown).map(counterLine).sort(),
    "",
  ].join("\n");
}

function counterLine({ stage, name, metric, reason, value }: HealthRow): string {
  return `${[stage, name, metric, reason].filter((word) => word !== "").join(" ")}: ${value}`;
}
