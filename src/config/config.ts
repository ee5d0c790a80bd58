import type { CamelKeys } from "../util/camel_keys.js";
import type { EnrichmentConfig } from "./enrichment_schema.js";
import type { Sections } from "./file_schema.js";
import type { CpuLimit, QueryLimits } from "./query_limits.js";
import type { LoggerSettings, Settings } from "./settings_schema.js";
import type { UserTables } from "./user_tables.js";

/**
 * How a query over event tables gets what is new.
 * `by_event`: its event tables show only new events. Right when one event makes at most one row.
 * `by_result`: it runs over the stored events as they were after the last run and as they are now,
 * and the rows that came in between are new. Right for self-joins and joins of event tables, whose
 * rows are made of events of different runs.
 */
export type Incremental = "by_event" | "by_result";

/** When a scheduled query runs. */
export type Trigger =
  | { readonly kind: "interval"; readonly seconds: number }
  | { readonly kind: "streaming" }
  | { readonly kind: "cron"; readonly expression: string; readonly timezone: string };

/** Hosts that a pack or query is meant for; null means every host. */
export interface Audience {
  readonly platform: string | null;
  readonly version: string | null;
  /** Percentage of hosts; 0: all. */
  readonly shard: number;
}

export interface ScheduledQuery extends Audience {
  /** As in result lines: `pack_<pack>_<query>`, or the query's own name in the schedule. */
  readonly name: string;
  readonly sql: string;
  /** What it is for, as the configuration says; empty where it does not. */
  readonly description: string;
  readonly trigger: Trigger;
  readonly snapshot: boolean;
  /** Whether rows that went away are logged. */
  readonly removed: boolean;
  readonly denylist: boolean;
  /** How a query over event tables gets what is new; null: as its statement needs. */
  readonly incremental: Incremental | null;
  /** Runs at start too, lowest first; null: it does not. */
  readonly startupPriority: number | null;
}

export interface Pack extends Audience {
  /** `main` for the schedule of the file itself. */
  readonly name: string;
  readonly discovery: readonly string[];
  readonly queries: readonly ScheduledQuery[];
  /** file_paths and the like that hold while the pack is active. */
  readonly sections: Sections;
}

export interface Decorators {
  readonly load: readonly string[];
  readonly always: readonly string[];
  readonly interval: readonly { readonly seconds: number; readonly queries: readonly string[] }[];
}

export interface ScheduleConfig {
  readonly packs: readonly Pack[];
  readonly decorators: Decorators;
  readonly splayPercent: number;
  readonly maxDriftSeconds: number;
  /** The schedule ends after so many seconds; 0: never. */
  readonly timeoutSeconds: number;
  readonly epoch: number;
  readonly logNames: boolean;
  readonly packRefreshSeconds: number;
  readonly denylistEnabled: boolean;
  /** Whether queries that read event tables only may be denylisted. */
  readonly denylistEventQueries: boolean;
  readonly hostIdentifier: { readonly kind: string; readonly specified: string };
  readonly format: {
    /** One line per row instead of one per run. */
    readonly events: boolean;
    readonly snapshotEvents: boolean;
    /** Numbers stay numbers. */
    readonly numerics: boolean;
    readonly decorationsTopLevel: boolean;
  };
  readonly limits: QueryLimits;
  /** Further limits of scheduled queries, as osquery's watchdog has them; null: none. */
  readonly watchdog: Watchdog | null;
}

/** Limits that begin to hold a while after the start. */
export interface Watchdog {
  readonly memoryBytes: number;
  readonly cpu: CpuLimit;
  readonly delayMs: number;
}

/** A logger of logger_plugin, with the settings of its name. */
export interface LoggerConfig extends Omit<LoggerSettings, "module"> {
  readonly name: string;
  /** Path of an ES module; null for loggers that come with auditql. */
  readonly module: string | null;
}

/** The `log` key, and what flags set and paths that follow from others. */
export interface LogConfig
  extends Omit<CamelKeys<Settings["log"]>, "loggers" | "level" | "rotateAge"> {
  readonly directory: string;
  readonly resultsName: string;
  readonly snapshotsName: string;
  /** Status files are this name with .INFO, .WARNING and .ERROR. */
  readonly statusName: string;
  readonly mode: number;
  readonly rotation: {
    /** 0: never by size. */
    readonly maxBytes: number;
    /** 0: never by age. */
    readonly maxAgeSeconds: number;
    readonly maxFiles: number;
  };
  readonly loggers: readonly LoggerConfig[];
  /** Directory of the queues of loggers that are behind. */
  readonly queueDirectory: string;
  readonly status: {
    readonly disabled: boolean;
    /** 0 info, 1 warning, 2 error. */
    readonly minSeverity: number;
    readonly stderr: boolean;
    readonly minStderr: number;
    readonly level: string;
  };
}

/** The `http` key, with the paths and the address that it leaves to auditql. */
export interface HttpConfig extends CamelKeys<Settings["http"]> {
  readonly host: string;
  readonly port: number;
  /** False: the configuration names no address, and the unix socket is enough. */
  readonly isTcpAsked: boolean;
  readonly socketPath: string;
  readonly tokenPath: string;
  readonly tokensPath: string;
}

/** The `capture` key; flags of osquery set some of it. The addon takes it as it is. */
export type CaptureConfig = CamelKeys<Settings["capture"]>;

/** Bounds of one event table; the first that is reached drops the oldest rows. 0: no bound. */
export interface TableLimits {
  readonly maxRows: number;
  readonly expirySeconds: number;
  readonly maxBytes: number;
}

/** Files of file_paths that are watched together. */
export interface FileCategory {
  readonly name: string;
  readonly paths: readonly string[];
  /** Each gives further paths in its column `path`. */
  readonly queries: readonly string[];
  /** Reads and opens too. */
  readonly withAccesses: boolean;
}

/** The named pipe that rsyslog writes to. */
export interface SyslogOptions {
  readonly pipePath: string;
  /** Lines in 200 ms; what is more waits in the pipe. 0: no limit. */
  readonly maxLinesPerTurn: number;
}

/** Devices that come and go. */
export interface DeviceOptions {
  /** Kinds of devices that are left out, by a part of their name. */
  readonly disabledTypes: string;
}

/** Sources of events besides the capture; null: off. */
export interface PublishConfig {
  /** Files that are watched. Paths and `excludes` are patterns as in osquery's file_paths. */
  readonly categories: readonly FileCategory[];
  readonly excludes: readonly string[];
  readonly fileEvents: {
    /** Files of YARA rules for the files of a category. */
    readonly signatures: readonly {
      readonly category: string;
      readonly files: readonly string[];
    }[];
    /** Larger files are not hashed. */
    readonly maxHashBytes: number;
  } | null;
  /** Who touched the files, from the audit stream. */
  readonly processFileEvents: boolean;
  readonly syslog: SyslogOptions | null;
  readonly devices: DeviceOptions | null;
}

/** Everything that auditql was told, with defaults filled in. */
export interface Config {
  /** Whose file it is: decides default names and paths. */
  readonly flavour: "auditql" | "osquery";
  /** Why it is taken for that, in words. */
  readonly flavourReason: string;
  readonly path: string;
  /** Files that were read, in order. */
  readonly files: readonly string[];
  /** SHA-1 of their content. */
  readonly hash: string;
  readonly statePath: string;
  /** Memory for the event tables; null: they are kept in statePath. */
  readonly memoryBytes: number | null;
  readonly http: HttpConfig;
  readonly capture: CaptureConfig;
  readonly publish: PublishConfig;
  readonly enrichment: EnrichmentConfig;
  readonly tableLimits: {
    readonly default: TableLimits;
    readonly byName: Readonly<Record<string, TableLimits>>;
  };
  /** Limits of ad-hoc queries; those of scheduled ones are in `schedule`. */
  readonly adhocLimits: QueryLimits;
  readonly workers: CamelKeys<Settings["workers"]>;
  readonly schedule: ScheduleConfig;
  readonly log: LogConfig;
  /** file_paths, views, yara, ... of the files and of the packs for this platform. */
  readonly sections: Sections;
  readonly userTables: UserTables;
  /** Seconds between looks at the files besides change notices; 0: none. */
  readonly refreshSeconds: number;
  /** Flags that were set, by name. */
  readonly flags: Readonly<Record<string, string>>;
  readonly settings: Settings;
}

/** No table fills the memory that all have together, unless it is told to. */
const shareOfTable = 4;

/** Bounds of one event table. */
export function limitsOfTable(config: Config, table: string): TableLimits {
  const { tableLimits, memoryBytes, settings } = config;
  const limits = tableLimits.byName[table] ?? tableLimits.default;
  if (memoryBytes === null) return limits;
  const isSized = settings.tables[table]?.events_max_bytes !== undefined;
  const mostBytes = isSized ? memoryBytes : Math.floor(memoryBytes / shareOfTable);
  return { ...limits, maxBytes: lowerOf(limits.maxBytes, mostBytes) };
}

/** A bound on bytes, where memory sets another; 0: no bound. */
function lowerOf(bytes: number, memoryBytes: number): number {
  return bytes === 0 ? memoryBytes : Math.min(bytes, memoryBytes);
}
