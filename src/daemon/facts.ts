import { release } from "node:os";
import type { Config, PublishConfig } from "../config/config.js";
import { describeFlags } from "../config/flags.js";
import type { Engine } from "../native/engine.js";
import type { DescribedQuery } from "../schedule/schedule_description.js";
import type { DaemonFacts } from "../tables/daemon_facts.js";
import { tableSchemas } from "../tables/generated/table_schemas.js";

export interface FactsSource {
  readonly config: Config;
  readonly engine: Engine;
  readonly schedule: readonly DescribedQuery[];
  readonly version: string;
  /** Seconds since 1970. */
  readonly startTime: number;
  readonly instanceId: string;
  /** Whether events are captured. */
  readonly isCapturing: boolean;
}

/** osquery's bit for Linux in platform_mask. */
const linuxMask = 9;

/** Rows of the tables that only the daemon knows (osquery_info and its kin). */
export function daemonFacts(source: FactsSource): DaemonFacts {
  const { config } = source;
  return {
    osquery_info: [
      {
        pid: process.pid,
        instance_id: source.instanceId,
        version: source.version,
        config_hash: config.hash,
        config_valid: 1,
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
    osquery_packs: config.schedule.packs
      .filter((pack) => pack.name !== "main")
      .map((pack) => ({
        name: pack.name,
        platform: pack.platform ?? "",
        version: pack.version ?? "",
        shard: pack.shard,
        discovery_cache_hits: 0,
        discovery_executions: 0,
        active: 1,
      })),
    osquery_events: Object.values(tableSchemas)
      .filter((table) => table.kind === "event")
      .map((table) => eventRow(table.name, source)),
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

function eventRow(table: string, { config, engine, schedule, isCapturing }: FactsSource) {
  const { nextEid } = engine.bounds(table);
  const publisher = publishers[table];
  const isActive = publisher?.isOn(config.publish) ?? isCapturing;
  return {
    name: table,
    publisher: publisher?.name ?? "auditeventpublisher",
    type: "subscriber",
    subscriptions: 1,
    events: nextEid - 1,
    refreshes: schedule.filter((query) => query.eventTables.includes(table)).length,
    active: isActive ? 1 : 0,
  };
}
