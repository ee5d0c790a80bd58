import { join } from "node:path";
import type { Config, Pack, ScheduledQuery } from "../config/config.js";
import { type Diagnostic, formatDiagnostic } from "../config/diagnostic.js";
import { isMeantForThisHost } from "../schedule/audience.js";
import { chooseIncremental } from "../schedule/read_events.js";

/** What preparing a query told; `error` is null when it can run. */
export interface PreparedQuery {
  readonly error: string | null;
  readonly eventTables: readonly string[];
  /** Why it fails when it runs, although it can be prepared. */
  readonly rejections: readonly string[];
}

/** What preparing the statements of a configuration told. */
export interface Preparations {
  /** By name of the query. */
  readonly prepared: ReadonlyMap<string, PreparedQuery>;
  /** Why, by name of the pack. */
  readonly failedDiscovery: ReadonlyMap<string, string>;
}

export interface ImportFacts extends Preparations {
  readonly config: Config;
  readonly problems: readonly Diagnostic[];
  readonly flagfile: string | null;
  readonly hostname: string;
}

/** Whether everything that is meant for this host will run, and the report that says how. */
export function importReport(facts: ImportFacts): { readonly ok: boolean; readonly text: string } {
  const { config, problems } = facts;
  const queries = config.schedule.packs.flatMap((pack) =>
    pack.queries.map((query) => describe(query, pack, facts)),
  );
  const failing = queries.filter(({ state }) => state === "fails");
  const elsewhere = queries.filter(({ state }) => state === "other host");
  const lines = [
    `files: ${config.files.join(", ")}`,
    `flags: ${facts.flagfile ?? "no flagfile"}`,
    ...indented(Object.entries(config.flags).map(([name, value]) => `--${name}=${value}`)),
    `settings that differ or have no effect: ${problems.length}`,
    ...indented(problems.map(formatDiagnostic)),
    `queries: ${queries.length - failing.length - elsewhere.length} run, ${failing.length} fail, ${elsewhere.length} are for other hosts`,
    ...indented(queries.map(({ line }) => line)),
    ...logLines(config),
    `start it with: ${command(facts)}`,
  ];
  return { ok: failing.length === 0, text: lines.join("\n") };
}

interface Described {
  readonly state: "runs" | "fails" | "other host";
  readonly line: string;
}

function describe(query: ScheduledQuery, pack: Pack, facts: ImportFacts): Described {
  const { hostname, prepared, failedDiscovery } = facts;
  if (!isMeantForThisHost(pack, hostname) || !isMeantForThisHost(query, hostname)) {
    return { state: "other host", line: `${query.name}: not for this host` };
  }
  const failed = failedDiscovery.get(pack.name);
  if (failed !== undefined) {
    const line = `${query.name}: not for this host: the discovery query of its pack failed: ${failed}`;
    return { state: "other host", line };
  }
  const { error = null, eventTables = [] } = prepared.get(query.name) ?? {};
  if (error !== null) return { state: "fails", line: `${query.name}: failed: ${error}` };
  const how = eventTables.length > 0 ? eventsText(query, eventTables) : resultText(query);
  return { state: "runs", line: `${query.name}: ${triggerText(query)}, ${how}` };
}

function triggerText({ trigger }: ScheduledQuery): string {
  if (trigger.kind === "interval") return `every ${trigger.seconds} s`;
  if (trigger.kind === "cron") return `at ${trigger.expression} (${trigger.timezone})`;
  return "as events arrive";
}

function eventsText({ incremental, sql }: ScheduledQuery, eventTables: readonly string[]): string {
  const how = incremental ?? chooseIncremental(sql, eventTables);
  return `each event of ${eventTables.join(", ")} once (${how})`;
}

function resultText({ snapshot, removed }: ScheduledQuery): string {
  if (snapshot) return "all rows";
  return removed ? "what changed" : "added rows only";
}

function logLines({ log, statePath }: Config): string[] {
  const names = log.loggers.map(({ name }) => name).join(", ") || "none";
  return [
    `loggers: ${names}`,
    `results: ${join(log.directory, log.resultsName)}`,
    `snapshots: ${join(log.directory, log.snapshotsName)}`,
    `status: ${join(log.directory, log.statusName)}.INFO, .WARNING and .ERROR`,
    `state: ${statePath} (osquery's state is not imported: the first run logs all rows)`,
  ];
}

function command({ config, flagfile }: ImportFacts): string {
  const flags = flagfile === null ? "" : ` --flagfile=${flagfile}`;
  return `auditql daemon${flags} --config_path=${config.path}`;
}

const indented = (lines: readonly string[]) => lines.map((line) => `  ${line}`);
