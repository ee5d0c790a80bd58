import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { AuditqlError, messageOf } from "../errors.js";
import type { TableSources } from "./table_sources.js";

/** Path of the addon: a Node addon and a SQLite loadable extension in one file. */
export const addonPath = fileURLToPath(
  new URL("../../../addon/build/Release/auditql.node", import.meta.url),
);

/** One row of `auditql_health`. */
export interface HealthRow {
  readonly stage: string;
  readonly name: string;
  readonly metric: string;
  readonly reason: string;
  readonly value: number;
}

export interface CounterKey {
  readonly stage:
    | "capture"
    | "decode"
    | "identity"
    | "store"
    | "sql"
    | "schedule"
    | "log"
    | "serve"
    | "enrich";
  /** Backend, table, query or logger. */
  readonly name: string;
  readonly metric: string;
  /** Why rows were dropped; left out for other metrics. */
  readonly reason?: string;
}

/** A cell of the health region, shared with every process that maps it. */
export interface Counter {
  add(n?: number): void;
  /** Gauges: replaces the value (a non-negative integer). */
  set(value: number): void;
  get(): number;
}

/** Bounds of one event table; the first that is reached drops the oldest rows. 0: no bound. */
export interface TableLimits {
  readonly maxRows: number;
  readonly expirySeconds: number;
  readonly maxBytes: number;
}

export interface EngineOptions {
  /** Directory that holds the stores, the health region and the capture journal. */
  readonly stateDirectory: string;
  readonly limits: Readonly<Record<string, TableLimits>>;
  /** Keeps the stores and the health region in memory instead, in at most so many bytes. */
  readonly memoryBytes?: number;
}

/** Where readers find the stores and the health region. */
export interface StoreLocation {
  /** Path for this process. */
  readonly directory: string;
  /** Descriptor of the directory that other processes must be handed; null: the path is theirs, too. */
  readonly fd: number | null;
}

/** Events that are not kept: those of which everything that is set here is true. */
export interface Exclusion {
  /** File that the process runs; `exePrefix`: how its path begins. */
  readonly exe?: string;
  readonly exePrefix?: string;
  /** File that the parent runs. */
  readonly parent?: string;
  /** Type in the SELinux label. */
  readonly subjectType?: string;
  readonly uid?: number;
  readonly auid?: number;
  /** Any of these. */
  readonly syscalls?: readonly string[];
}

/** What is captured and what is left out; can be changed while a capture runs. */
export interface CaptureRules {
  /** auditctl lines that are loaded in addition to auditql's own. */
  readonly extraRules: readonly string[];
  /** auditctl lines that are loaded before all others. */
  readonly excludeRules: readonly string[];
  /** Of these, what the kernel can test is loaded as rules too. */
  readonly exclusions: readonly Exclusion[];
  /** Patterns of names of arguments whose values are replaced before they are stored. */
  readonly redactArguments: readonly string[];
  /** Patterns of names of environment variables; without any to keep none is read. */
  readonly environment: { readonly keep: readonly string[]; readonly redact: readonly string[] };
}

export interface CaptureOptions extends CaptureRules {
  /** `auto` takes the first backend that works here; `none` captures nothing. */
  readonly backend: "auto" | "audit" | "proc-connector" | "none";
  readonly backlogLimit?: number;
  readonly backlogWaitTime?: number;
}

/** What became of a request to capture. */
export interface CaptureStatus {
  /** Backend that runs; null when none does. */
  readonly backend: string | null;
  /** Why each other backend does not run, and what to do about it. */
  readonly unavailable: readonly {
    readonly backend: string;
    readonly reason: string;
    readonly remedy: string;
  }[];
}

/** Sources of events besides the capture; null: off. */
export interface PublishOptions {
  /** Files that are watched. Paths and `excludes` are patterns as in osquery's file_paths. */
  readonly categories: readonly {
    readonly name: string;
    readonly paths: readonly string[];
    /** Reads and opens too. */
    readonly withAccesses: boolean;
  }[];
  readonly excludes: readonly string[];
  readonly fileEvents: {
    /** YARA rules for the files of a category, as text. */
    readonly signatures: readonly {
      readonly category: string;
      readonly sources: readonly { readonly name: string; readonly text: string }[];
    }[];
    /** Larger files are not hashed. */
    readonly maxHashBytes: number;
  } | null;
  /** Who touched the files, from the audit stream. */
  readonly processFileEvents: boolean;
  readonly syslog: {
    readonly pipePath: string;
    /** Lines in 200 ms; what is more waits in the pipe. 0: no limit. */
    readonly maxLinesPerTurn: number;
  } | null;
  readonly devices: {
    /** Kinds of devices that are left out, by a part of their name. */
    readonly disabledTypes: string;
  } | null;
}

/** An executed file that is asked about for the first time in this state. */
export interface ExecutableRequest {
  /** 16 bytes: `executable_id` of its rows. */
  readonly id: Buffer;
  /** Byte for byte, as the process sees it. */
  readonly path: Buffer;
  /** major:minor */
  readonly device: string;
  readonly inode: bigint;
  readonly size: number;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  /** When it was executed, nanoseconds since 1970. */
  readonly timeNs: bigint;
  /** It was reached through the process that runs it, not by its path. */
  readonly byProcess: boolean;
  /** Descriptor (O_PATH) of the file, for the taker to close; null where it was gone already. */
  readonly heldFd: number | null;
}

/** A container that is asked about for the first time. */
export interface ContainerRequest {
  readonly id: string;
  /** As its cgroup tells; empty where it does not. */
  readonly runtime: string;
  readonly podUid: string;
  readonly timeNs: bigint;
}

/** Cells of a fact table by column; texts may be given as bytes. */
export type FactRow = Readonly<Record<string, string | number | bigint | Buffer | null>>;

/** Questions about events, and where the answers go. */
export interface FactStore {
  /** Takes the oldest questions; none is given twice. */
  takeExecutables(limit: number): readonly ExecutableRequest[];
  takeContainers(limit: number): readonly ContainerRequest[];
  /** Appends a row to `executables` or `containers` and gives its eid; 0 when it was dropped. */
  storeFact(table: "executables" | "containers", row: FactRow): number;
}

/** The data plane of this process: stores, decoding and capture. One per state directory. */
export interface Engine extends FactStore {
  /** Starts capturing on threads of its own. */
  startCapture(options: CaptureOptions): CaptureStatus;
  /** Replaces the rules of a running capture, without a gap. On an error those before stay. */
  changeCapture(rules: CaptureRules): void;
  /** Ends capturing, stores what is still on its way, and puts the host's auditing back. */
  stopCapture(): void;
  /** Starts, changes and stops what differs from the last call; says what could not be started. */
  publish(options: PublishOptions): readonly string[];
  /** Decodes recorded audit log bytes, in any chunking, into the stores. */
  feedLog(bytes: Uint8Array): void;
  /** Delivers events that wait for records that will not come. */
  finishLog(): void;
  setLimits(table: string, limits: TableLimits): void;
  /** Rows below `eid` were read by every scheduled query. */
  setReadBelow(table: string, eid: number): void;
  /** `firstEid <= eid < nextEid` are stored. */
  bounds(table: string): { readonly firstEid: number; readonly nextEid: number };
  storeLocation(): StoreLocation;
  counter(key: CounterKey): Counter;
  health(): readonly HealthRow[];
  /** stopCapture(), flushes the stores and releases the state directory. */
  close(): void;
}

/** One thing that capture needs from the host. */
export interface HostCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  /** What to do when it is not ok. */
  readonly remedy: string;
}

export type SqlValue = null | number | bigint | string | Uint8Array;

/** A constraint that SQLite hands to a table. */
export interface TableConstraint {
  readonly column: string;
  readonly operator: "=" | "in" | "<" | "<=" | ">" | ">=" | "like" | "glob" | "regexp";
  /** One value, or all of an `in`. */
  readonly values: readonly SqlValue[];
}

/** What one scan of a state table is asked for. Rows that do not match are filtered by SQLite. */
export interface TableRequest {
  readonly constraints: readonly TableConstraint[];
  /** Names of the columns that the query reads. */
  readonly columns: ReadonlySet<string>;
}

export type TableRow = Readonly<Record<string, SqlValue | undefined>>;

/** Declaration of a state table for the addon; from schemas/tables/. */
export interface NativeTable {
  readonly name: string;
  readonly sql: string;
  readonly columns: readonly {
    readonly name: string;
    readonly type: string;
    readonly index?: boolean;
    readonly required?: boolean;
    readonly additional?: boolean;
    readonly optimized?: boolean;
    readonly aliases?: readonly string[];
  }[];
  /** Called synchronously while SQLite steps; an exception fails the query with its message. */
  readonly generate: (request: TableRequest) => Iterable<TableRow>;
}

export type ResultFormat = "ndjson" | "csv" | "json" | "osquery" | "osquery_numerics";

/** `after < eid <= upTo` of one event table. */
export interface EventWindow {
  readonly after: number;
  readonly upTo: number;
}

export interface NativeQuery {
  /** Frames on the output descriptor carry it; cancels name it. Rises with each query. */
  readonly generation: number;
  readonly sql: string;
  readonly parameters: readonly SqlValue[] | Readonly<Record<string, SqlValue>>;
  readonly format: ResultFormat;
  /** Descriptor of the pipe that result frames are written to (blocking). */
  readonly outputFd: number;
  readonly timeoutMs: number;
  /** 0: no bound. */
  readonly maxRows: number;
  readonly maxBytes: number;
  /** Restricts what is seen of event tables. */
  readonly windows: Readonly<Record<string, EventWindow>>;
}

export interface QueryError {
  /** Code of docs/errors.md, e.g. `sql_error`, `query_timeout`, `query_cancelled`. */
  readonly code: string;
  readonly message: string;
}

export interface QueryOutcome {
  readonly columns: readonly string[];
  /** Declared type of each column, empty where it is an expression. */
  readonly types: readonly string[];
  readonly rows: number;
  readonly bytes: number;
  readonly elapsedMs: number;
  /** Limit that cut the result short. */
  readonly truncatedBy: "rows" | "bytes" | null;
  /** Rows that were dropped from event tables while the query read them. */
  readonly evictedRows: number;
  /** Event tables that the statement reads. */
  readonly eventTables: readonly string[];
  readonly error: QueryError | null;
}

/** What preparing a query, without running it, tells. */
export interface StatementInfo {
  readonly columns: readonly string[];
  readonly eventTables: readonly string[];
  /** Whether it reads what is found out about events after they are stored. */
  readonly readsFacts: boolean;
  readonly parameterCount: number;
  readonly statementCount: number;
}

/** SQLite connection of a query worker, on the handle of the database that loaded the addon. */
export interface NativeConnection {
  /** Serves every event table and `auditql_health` from the directory of a store. */
  attachStore(directory: string): void;
  defineTable(table: NativeTable): void;
  /** A view that every later statement may read. */
  defineView(name: string, select: string): void;
  /** Runs a statement, or several with semicolons between them, whose rows follow one another, on
   * the calling thread; frames of at most 64 KiB go to `outputFd`:
   * `u32 length, u32 generation` (little-endian), then the bytes. A frame of length 0 ends it. */
  query(query: NativeQuery): QueryOutcome;
  /** Prepares only. Throws on errors in a statement. */
  inspect(sql: string): StatementInfo;
  /** Whether the running query is to end: for tables that work long between two rows. */
  isInterrupted(): boolean;
  /** For a worker that falls idle: lets go of the mapped store until the next query. */
  releaseStore(): void;
  /** Watches a descriptor from a native thread: each little-endian u32 that arrives cancels the
   * query of that generation; end of file ends the process. */
  watchControl(fd: number): void;
}

/** A line of a rules file that something is wrong with, or that the kernel refused. */
export interface RuleProblem {
  readonly line: number;
  readonly message: string;
}

/** An audit rule of the kernel. */
export interface KernelRule {
  /** As `auditctl -l` prints it. */
  readonly text: string;
  /** `struct audit_rule_data`. */
  readonly bytes: Uint8Array;
}

/** What a rules file says, in order. */
export interface CompiledRules {
  readonly commands: readonly {
    readonly line: number;
    readonly text: string;
    /** `struct audit_rule_data`; null for commands that are about no rule. */
    readonly bytes: Uint8Array | null;
  }[];
  readonly errors: readonly RuleProblem[];
  readonly warnings: readonly RuleProblem[];
}

/** What loading a rules file did. */
export interface LoadedRules {
  readonly added: number;
  readonly deleted: number;
  readonly alreadyPresent: number;
  /** Of lines that -i or -c let pass. */
  readonly failures: readonly RuleProblem[];
}

/** Prints a recorded audit log as JSON lines. */
export interface LogPrinter {
  /** Lines that these bytes of the log complete; they may be cut anywhere. */
  feed(bytes: Uint8Array): Uint8Array;
  /** Lines of events that wait for records that will not come. */
  finish(): Uint8Array;
  counts(): {
    /** Lines of the log. */
    readonly records: number;
    /** Of these: no audit record, over a limit, of an event that was printed already. */
    readonly malformed: number;
    readonly tooBig: number;
    readonly late: number;
  };
}

export interface LocalSyslogOptions {
  readonly path: string;
  readonly ident: string;
  /** 0 to 23. */
  readonly facility: number;
}

/** The host's syslog socket, written to as syslog(3) does. */
export interface LocalSyslog {
  /** Never waits. `full`: the listener is behind; `absent`: there is none. */
  send(severity: number, text: string): "sent" | "full" | "absent" | "too_long";
  /** The next send() connects anew. */
  disconnect(): void;
}

/** XXH64 of bytes that come in pieces. */
export interface Xxh64 {
  update(bytes: Uint8Array): void;
  /** 16 lower-case hex digits of what came so far. */
  hex(): string;
}

/** Who is at the other end of a unix socket. */
export interface PeerCredentials {
  /** 0 where the process is in no pid namespace of this one. */
  readonly pid: number;
  readonly uid: number;
}

/** What JavaScript sees of the addon. */
export interface Addon {
  openEngine(options: EngineOptions): Engine;
  /** Looks at the host without changing it. */
  probeHost(): readonly HostCheck[];
  /** As the kernel took them when the peer connected (SO_PEERCRED, unix(7)). Throws where `fd` is no
   * unix socket. */
  peerCredentials(fd: number): PeerCredentials;
  /** Connection of the database that loaded the addon last as an extension on this thread. */
  takeConnection(): NativeConnection;
  /** prctl(2) and capset(2): keeps only the named capabilities and sets no_new_privs. */
  dropPrivileges(keep: readonly string[]): void;
  /** setrlimit(2) RLIMIT_AS, in bytes. */
  limitAddressSpace(bytes: number): void;
  /** Compiles a rules file (audit.rules(7)), every line, also after a wrong one. */
  compileRules(file: Uint8Array): CompiledRules;
  /** Every rule of the kernel. Needs CAP_AUDIT_CONTROL. */
  listRules(): readonly KernelRule[];
  /** Runs a rules file as `auditctl -R` does; -e 2 and -f 2 are refused before anything changes. */
  loadRules(file: Uint8Array): LoadedRules;
  /** Numbers of a SYSCALL record for names like (x86_64, execve); null where they are unknown. */
  callNumbers(
    arch: string,
    syscall: string,
  ): { readonly arch: number; readonly syscall: number } | null;
  /** 2 for ENOENT. */
  errnoNumber(name: string): number | null;
  openSyslog(options: LocalSyslogOptions): LocalSyslog;
  startXxh64(): Xxh64;
  openLogPrinter(item: "records" | "events"): LogPrinter;
  readonly tableSources: TableSources;
}

const require = createRequire(import.meta.url);

/** Loads the addon; a missing or foreign build is an error that says how to build it. */
export function loadAddon(): Addon {
  try {
    const addon: Addon = require(addonPath);
    return addon;
  } catch (cause) {
    const reason = messageOf(cause).split("\n")[0];
    throw new AuditqlError("addon_missing", `${reason}. Build it with: npm run build`, { cause });
  }
}
