import { release } from "node:os";
import type { Config } from "../config/config.js";
import { describeFlags } from "../config/flags.js";
import type { CaptureState, TableState } from "../native/capture_state.js";
import type { Engine } from "../native/engine.js";
import { hardwareUuid } from "../schedule/hardware_uuid.js";
import type { HostIdentity } from "../schedule/host_identity.js";
import type { DescribedPack } from "../schedule/pack_description.js";
import type { DescribedQuery } from "../schedule/schedule_description.js";
import type { DaemonRows } from "../tables/daemon_rows.js";
import { tableSchemas } from "../tables/generated/table_schemas.js";
import { osqueryVersion } from "../version.js";

export interface DaemonState {
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
  readonly capture: CaptureState;
}

/** osquery's bit for Linux in platform_mask. */
const linuxMask = 9;

/** Rows of the tables that only the daemon knows (osquery_info and its kin). */
export function fillDaemonRows(source: DaemonState): DaemonRows {
  const { config } = source;
  const events = eventRows(source);
  return {
    osquery_info: [
      {
        ...programFacts(source.version),
        uuid: source.identity.uuid,
        instance_id: source.identity.instanceId,
        config_hash: config.hash,
        config_valid: source.isConfigValid ? 1 : 0,
        start_time: source.startTime,
      },
    ],
    osquery_flags: describeFlags(config.flags),
    osquery_schedule: source.schedule.map(scheduleRow),
    osquery_packs: source.packs.map(packRow),
    osquery_events: events,
    osquery_registry: registryRows(config, events),
    auditql_capture: captureRows(source.capture),
  };
}

/** The same without a daemon, as osqueryi answers without osqueryd: no configuration is read. */
export function standaloneDaemonRows(version: string): DaemonRows {
  return {
    osquery_info: [
      {
        ...programFacts(version),
        uuid: hardwareUuid(),
        instance_id: null,
        config_hash: "",
        config_valid: 0,
        start_time: Math.floor(performance.timeOrigin / 1000),
      },
    ],
    osquery_flags: describeFlags({}),
    osquery_registry: Object.keys(tableSchemas).map((name) => plugin("table", name, true)),
  };
}

const programFacts = (version: string) => ({
  pid: process.pid,
  version: osqueryVersion,
  auditql_version: version,
  extensions: "inactive",
  build_platform: "linux",
  build_distro: release(),
  watcher: -1,
  platform_mask: linuxMask,
});

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

/** Publishers, then the tables that they fill. */
function eventRows({ capture, engine }: DaemonState) {
  const tables = capture.tables.map((table) => subscriberRow(table, engine));
  const names = [...new Set(tables.map(({ publisher }) => publisher))];
  return [...names.map((name) => publisherRow(name, tables)), ...tables];
}

function subscriberRow(
  { name, publisher, state, reason }: TableState,
  engine: DaemonState["engine"],
) {
  return {
    name,
    publisher,
    type: "subscriber",
    subscriptions: 1,
    events: engine.bounds(name).nextEid - 1,
    refreshes: 0,
    active: state === "off" ? 0 : 1,
    state,
    reason,
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
    state: null,
    reason: null,
  };
}

/** What osquery would call plugins, by its names of their kinds. */
function registryRows(config: Config, events: ReturnType<typeof eventRows>) {
  const { disabled, constructed } = config.userTables;
  const tables = [...Object.keys(tableSchemas), ...constructed.map(({ name }) => name)];
  return [
    ...tables.map((name) => plugin("table", name, !disabled.includes(name))),
    ...events.map(({ type, name, active }) => plugin(`event_${type}`, name, active === 1)),
    ...config.log.loggers.map(({ name }) => plugin("logger", name, true)),
  ];
}

/** The state of capture as rows: what is seen, then what is not and why. */
function captureRows({ backend, sources, problems }: CaptureState) {
  return [
    ...sources.map((source) => ({
      kind: "source",
      ...source,
      backend,
      since: seconds(source.since),
      remedy: null,
    })),
    ...problems.map(({ name, severity, since, reason, remedy }) => ({
      kind: "problem",
      name,
      state: severity,
      backend,
      since: seconds(since),
      reason,
      remedy,
    })),
  ];
}

function seconds(iso: string): number {
  return Math.floor(Date.parse(iso) / 1000);
}

const plugin = (registry: string, name: string, active: boolean) => ({
  registry,
  name,
  owner_uuid: 0,
  internal: 0,
  active: active ? 1 : 0,
});
