import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { CaptureConfig } from "../config/config.js";
import { AuditqlError, messageOf } from "../errors.js";
import type { CompiledRules, KernelRule, LoadedRules } from "./audit_rules.js";
import type { CaptureProblem } from "./capture.js";
import type { NativeConnection } from "./connection.js";
import type { Engine, EngineOptions } from "./engine.js";
import type { TableSources } from "./table_sources.js";

/** Path of the addon: a Node addon and a SQLite loadable extension in one file. */
export const addonPath = fileURLToPath(new URL("../../addon/auditql.node", import.meta.url));

/** One thing that capture needs from the host. */
export interface HostCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  /** What to do when it is not ok. */
  readonly remedy: string;
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
  /** The next send() reconnects. */
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

/** How the process ends when it does not end by itself. Times are milliseconds. */
export interface StopGuardOptions {
  /** From the first of SIGTERM, SIGINT and SIGQUIT to the forced end. */
  readonly limitMs: number;
  /** From the second one. */
  readonly impatientMs: number;
  /** From endSoon(). */
  readonly exitMs: number;
  /** Exit status of a forced end. */
  readonly status: number;
  /** Line for standard error at a forced end. */
  readonly message: string;
}

export interface ConfinementOptions {
  /** What the process keeps (capabilities(7)). */
  readonly capabilities: readonly string[];
  /** User and group id that a process of the superuser changes to; null to stay. */
  readonly account: number | null;
  /** Allows TCP and UDP sockets. */
  readonly allowNetwork: boolean;
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
  /** Takes from this process, for good, what a query worker does not need; answers with a sentence
   * for each thing that the host did not allow to be taken. */
  confineProcess(options: ConfinementOptions): readonly string[];
  /** setrlimit(2) RLIMIT_AS, in bytes. */
  limitAddressSpace(bytes: number): void;
  /** From now on a thread of its own ends this process after a signal, and before abort(3), whatever
   * the other threads wait for, and undoes what capture changed in the host's auditing. Call it once,
   * behind `process.on()` for these signals; their handlers must stay. */
  guardStop(options: StopGuardOptions): void;
  /** All is done: a process that has not exited after `exitMs` is ended with this status. */
  endSoon(status: number): void;
  /** Puts the host's auditing back to what capture found, without waiting for anything else. */
  undoAuditChanges(): void;
  /** Bytes that the descriptor took without waiting; 0 when it takes none now. */
  writeReady(fd: number, bytes: Uint8Array): number;
  /** Compiles a rules file (audit.rules(7)), every line, also after a wrong one. */
  compileRules(file: Uint8Array): CompiledRules;
  /** What startCapture() would refuse of rules and exclusions, and more of it than the first. */
  checkCapture(config: CaptureConfig): readonly CaptureProblem[];
  /** Why no event table takes what a rule records, for each of these auditctl lines; null where one
   * does, and where the line is no rule. `hasFileCalls`: process_file_events is on. */
  missingDestinations(lines: readonly string[], hasFileCalls: boolean): readonly (string | null)[];
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
