import { release } from "node:os";
import type { Config, PublishConfig } from "../config/config.js";
import { describeFlags } from "../config/flags.js";
import type { Engine } from "../native/engine.js";
import type { HostIdentity } from "../schedule/host_identity.js";
import type { DescribedPack } from "../schedule/pack_description.js";
import type { DescribedQuery } from "../schedule/schedule_description.js";
import type { DaemonFacts } from "../tables/daemon_facts.js";
import { tableSchemas } from "../tables/generated/table_schemas.js";
import { osqueryVersion } from "../version.js";

export interface FactsSource {
  readonly config: Config;
  readonly engine: Pick<Engine, "bounds">;
  readonly schedule: readonly DescribedQuery[];
  readonly version: string;
  /** Seconds since 1970. */
  readonly startTime: number;
  readonly identity: HostIdentity;
  readonly packs: readonly DescribedPack[];
  /** Whether the files of the configuration could be used when they were last read. */
  readonly isConfigValid: boolean;
  /** Whether events are captured. */
  readonly isCapturing: boolean;
}

/** osquery's bit for Linux in platform_mask. */
const linuxMask = 9;

/** Rows of the tables that only the daemon knows (osquery_info and its kin). */
export function daemonFacts(source: FactsSource): DaemonFacts {
  const { config } = source;
  const events = eventRows(source);
  return {
    osquery_info: [
      {
        pid: process.pid,
        uuid: source.identity.uuid,
        instance_id: source.identity.instanceId,
        version: osqueryVersion,
        auditql_version: source.version,
        config_hash: config.hash,
        config_valid: source.isConfigValid ? 1 : 0,
        extensions: "inactive",
        build_platform: "linux",
        build_distro: release(),
        start_time: source.startTime,
        watcher: -1,
        platform_mask: linuxMask,
      },
    ],
    osquery_flags: describeFlags(config.flags),
    osquery_schedule: source.schedule.map(scheduleRow),
    osquery_packs: source.packs.map(packRow),
    osquery_events: events,
    osquery_registry: registryRows(config, events),
  };
}

function packRow(pack: DescribedPack) {
  return {
    name: pack.name,
    platform: pack.platform ?? "",
    version: pack.version ?? "",
    shard: pack.shard,
    discovery_cache_hits: pack.cacheHits,
    discovery_executions: pack.executions,
    active: pack.active === null ? null : Number(pack.active),
  };
}

function scheduleRow(query: DescribedQuery) {
  const { lastRun } = query;
  return {
    name: query.name,
    query: query.sql,
    interval: query.intervalSeconds ?? 0,
    executions: query.executions,
    last_executed: lastRun === null ? 0 : Math.floor(Date.parse(lastRun.startedAt) / 1000),
    denylisted: query.denylisted ? 1 : 0,
    output_size: query.outputBytes,
    wall_time: Math.floor(query.wallMs / 1000),
    wall_time_ms: Math.round(query.wallMs),
    last_wall_time_ms: Math.round(lastRun?.elapsedMs ?? 0),
    user_time: query.usage.userMs,
    last_user_time: lastRun?.usage.userMs ?? 0,
    system_time: query.usage.systemMs,
    last_system_time: lastRun?.usage.systemMs ?? 0,
    average_memory: query.usage.memoryBytes,
    last_memory: lastRun?.usage.memoryBytes ?? 0,
  };
}

/** Publishers of tables that are not from the capture, by osquery's names. */
const publishers: Readonly<
  Record<string, { readonly name: string; isOn(publish: PublishConfig): boolean }>
> = {
  file_events: { name: "inotify", isOn: ({ fileEvents }) => fileEvents !== null },
  yara_events: { name: "inotify", isOn: ({ fileEvents }) => fileEvents !== null },
  syslog_events: { name: "syslog", isOn: ({ syslog }) => syslog !== null },
  hardware_events: { name: "udev", isOn: ({ devices }) => devices !== null },
};

/** Publishers, then the tables that they fill. */
function eventRows(source: FactsSource) {
  const tables = Object.values(tableSchemas)
    .filter((table) => table.kind === "event")
    .map((table) => subscriberRow(table.name, source));
  const names = [...new Set(tables.map(({ publisher }) => publisher))];
  return [...names.map((name) => publisherRow(name, tables)), ...tables];
}

function subscriberRow(table: string, { config, engine, isCapturing }: FactsSource) {
  const publisher = publishers[table];
  const isActive = publisher?.isOn(config.publish) ?? isCapturing;
  return {
    name: table,
    publisher: publisher?.name ?? "auditeventpublisher",
    type: "subscriber",
    subscriptions: 1,
    events: engine.bounds(table).nextEid - 1,
    refreshes: 0,
    active: isActive ? 1 : 0,
  };
}

function publisherRow(name: string, tables: readonly ReturnType<typeof subscriberRow>[]) {
  const own = tables.filter(({ publisher }) => publisher === name);
  return {
    name,
    publisher: name,
    type: "publisher",
    subscriptions: own.length,
    events: own.reduce((sum, { events }) => sum + events, 0),
    refreshes: 0,
    active: own.some(({ active }) => active === 1) ? 1 : 0,
  };
}

/** What osquery would call plugins, by its names of their kinds. */
function registryRows(config: Config, events: ReturnType<typeof eventRows>) {
  const plugin = (registry: string, name: string, active: boolean) => ({
    registry,
    name,
    owner_uuid: 0,
    internal: 0,
    active: active ? 1 : 0,
  });
  const { withheld, constructed } = config.userTables;
  const tables = [...Object.keys(tableSchemas), ...constructed.map(({ name }) => name)];
  return [
    ...tables.map((name) => plugin("table", name, !withheld.includes(name))),
    ...events.map(({ type, name, active }) => plugin(`event_${type}`, name, active === 1)),
    ...config.log.loggers.map(({ name }) => plugin("logger", name, true)),
  ];
}
