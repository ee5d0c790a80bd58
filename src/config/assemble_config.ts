import { basename, join } from "node:path";
import { camelKeys } from "../util/camel_keys.js";
import { assembleLog } from "./assemble_log.js";
import { assemblePublish } from "./assemble_publish.js";
import { assembleSchedule } from "./assemble_schedule.js";
import { checkSections, mergeSections, withPacks } from "./check_sections.js";
import { checkSettings } from "./check_settings.js";
import { defaultsOf } from "./check_shape.js";
import type { Config, TableLimits } from "./config.js";
import type { ConfigFile } from "./config_file.js";
import type { Sections } from "./file_schema.js";
import type { HonouredFlag } from "./flag_use.js";
import type { FlagValues } from "./flag_values.js";
import type { ParsedFiles } from "./parsed_files.js";
import type { Settings } from "./settings_schema.js";
import { settingsSchema } from "./settings_schema.js";
import { everywhere, sectionStatements } from "./statement.js";
import { readUserTables } from "./user_tables.js";

/** Rows per event table when events_max is not set; osquery's 50000 counted seconds, not rows. */
const defaultMaxRows = 1_000_000;

/** Joins files and flags to one value; what is wrong is reported. */
export function assembleConfig(parts: ParsedFiles): Config {
  const { files, flags, host } = parts;
  const checked = checkSettings(parts);
  // Invalid settings are an error already: defaults replace them to find further problems.
  const settings = checked ?? defaultsOf(settingsSchema);
  const sections = mergeSections(files.map((file) => readFileSections(file, parts)));
  const path = files[0]?.path ?? "";
  const { flavour, reason: flavourReason } = flavourOf(files);
  const statePath = settings.state_path ?? (host.isRoot ? "/var/lib/auditql" : host.userStatePath);
  const schedule = assembleSchedule(parts, { settings, sections, flavour });
  const allSections = withPacks(sections, schedule.packs);
  return {
    flavour,
    flavourReason,
    path,
    files: files.map((file) => file.path),
    hash: parts.hash,
    statePath,
    memoryBytes: memoryBytesOf(settings),
    http: assembleHttp(settings, statePath),
    capture: captureOf(settings, flags),
    publish: assemblePublish(flags, allSections, ({ keys, ...problem }) =>
      parts.report({ ...problem, position: parts.places.positionOf(keys) }),
    ),
    enrichment: settings.enrichment,
    tableLimits: tableLimitsOf(settings, flags),
    adhocLimits: camelKeys(settings.limits.adhoc),
    workers: camelKeys(settings.workers),
    schedule,
    log: assembleLog({
      ...{ flavour, settings, flags, host, statePath, report: parts.report },
      areModulesKnown: checked !== null,
    }),
    sections: allSections,
    userTables: readUserTables(allSections, flags.string("disable_tables")),
    refreshSeconds: flags.number("config_refresh"),
    flags: flags.assigned(),
    settings,
  };
}

function readFileSections({ value, source }: ConfigFile, { noteStatement }: ParsedFiles): Sections {
  const sections = checkSections(value, source);
  for (const each of sectionStatements(sections, source, everywhere)) noteStatement(each);
  return sections;
}

function assembleHttp({ http }: Settings, statePath: string): Config["http"] {
  return {
    ...camelKeys(http),
    host: http.host ?? "127.0.0.1",
    port: http.port ?? 9177,
    isTcpAsked: http.host !== undefined || http.port !== undefined || http.tls !== undefined,
    socketPath: http.socket_path ?? join(statePath, "auditql.sock"),
    tokenPath: http.token_path ?? join(statePath, "token"),
    tokensPath: http.tokens_path ?? join(statePath, "tokens"),
  };
}

/**
 * A file without an `auditql` key whose name does not start with auditql was written for osquery:
 * its users' log pipelines look for osquery's paths and names.
 */
function flavourOf(files: readonly ConfigFile[]): {
  readonly flavour: Config["flavour"];
  readonly reason: string;
} {
  const name = basename(files[0]?.path ?? "");
  if (name.startsWith("auditql"))
    return { flavour: "auditql", reason: `the name ${name} starts with auditql` };
  const holder = files.find((file) => "auditql" in file.value);
  if (holder !== undefined)
    return { flavour: "auditql", reason: `${holder.path} has the key auditql` };
  return {
    flavour: "osquery",
    reason: `no file has the key auditql, and the name ${name} does not start with auditql`,
  };
}

function captureOf(settings: Settings, flags: FlagValues): Config["capture"] {
  const given = (name: HonouredFlag) => flags.origin(name) !== "default";
  // Both default to "off" or "on" in osquery without anybody having chosen it: only a choice counts.
  const off =
    (given("disable_audit") && flags.boolean("disable_audit")) ||
    (given("disable_events") && flags.boolean("disable_events"));
  const capture = camelKeys(settings.capture);
  return {
    ...(given("audit_backlog_limit") ? { backlogLimit: flags.number("audit_backlog_limit") } : {}),
    ...(given("audit_backlog_wait_time")
      ? { backlogWaitTime: flags.number("audit_backlog_wait_time") }
      : {}),
    ...capture,
    backend: off ? "none" : capture.backend,
  };
}

function memoryBytesOf(settings: Settings): number | null {
  return settings.store === "memory" ? settings.store_max_bytes : null;
}

function tableLimitsOf(settings: Settings, flags: FlagValues): Config["tableLimits"] {
  const chosen = flags.origin("events_max") !== "default";
  const common: TableLimits = {
    maxRows: chosen ? flags.number("events_max") : defaultMaxRows,
    expirySeconds: flags.number("events_expiry"),
    maxBytes: settings.events_max_bytes,
  };
  // A flag of its own in osquery, with defaults of its own.
  const syslog: TableLimits = {
    maxRows: flags.number("syslog_events_max"),
    expirySeconds: flags.number("syslog_events_expiry"),
    maxBytes: common.maxBytes,
  };
  const byName = Object.entries(settings.tables).map(([table, limits]): [string, TableLimits] => {
    const otherwise = table === "syslog_events" ? syslog : common;
    return [
      table,
      {
        maxRows: limits.events_max ?? otherwise.maxRows,
        expirySeconds: limits.events_expiry ?? otherwise.expirySeconds,
        maxBytes: limits.events_max_bytes ?? otherwise.maxBytes,
      },
    ];
  });
  return { default: common, byName: { syslog_events: syslog, ...Object.fromEntries(byName) } };
}
