import { accessSync, constants, existsSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3";
import { queryAll } from "../client/query_all.js";
import type { QuerySource } from "../client/query_source.js";
import { readCells } from "../client/row_cells.js";
import { formatDiagnostic } from "../config/diagnostic.js";
import type { LoadedConfig } from "../config/load_config.js";
import { AuditqlError, type ErrorCode, messageOf } from "../errors.js";
import { addonPath, type HostCheck, loadAddon } from "../native/addon.js";
import { fileReason } from "../util/file_reason.js";

/** One line of `auditql doctor`. */
export interface DoctorCheck {
  readonly name: string;
  /** `limited`: auditql works, but something that it could do is missing. */
  readonly state: "ok" | "limited" | "missing";
  readonly detail: string;
  /** What to do about it; empty when ok. */
  readonly remedy: string;
}

/** Of the host's checks, those that must be ok where no backend but audit sees sockets. */
const neededOfHost = new Set([
  "audit_boot",
  "audit_enabled",
  "audit_kernel",
  "audit_owner",
  "audit_task_rule",
  "cap_audit_control",
  "namespaces",
]);

const oldestNode = 20;

export function checkNode(): DoctorCheck {
  const major = Number(process.versions.node.split(".")[0]);
  return {
    name: "node",
    state: major >= oldestNode ? "ok" : "missing",
    detail: `Node.js ${process.versions.node}`,
    remedy: major >= oldestNode ? "" : `Install Node.js ${oldestNode} or later.`,
  };
}

export function checkAddon(): DoctorCheck {
  const remedy = "Build it with: npm run build";
  try {
    loadAddon();
    return { name: "addon", state: "ok", detail: addonPath, remedy: "" };
  } catch (error) {
    const cause = error instanceof AuditqlError ? error.cause : error;
    return { name: "addon", state: "missing", detail: firstLineOf(cause), remedy };
  }
}

/** Loads the addon the other way, as the SQLite extension that query workers need. */
export function checkSqlite(): DoctorCheck {
  try {
    const database = new Database(":memory:");
    database.loadExtension(addonPath);
    const version = database.prepare("select sqlite_version()").pluck().get();
    database.close();
    return { name: "sqlite", state: "ok", detail: `SQLite ${version} with the addon`, remedy: "" };
  } catch (error) {
    const remedy = "Rebuild both with: npm rebuild better-sqlite3 && npm run build";
    return { name: "sqlite", state: "missing", detail: firstLineOf(error), remedy };
  }
}

export function checkConfiguration(loaded: LoadedConfig): DoctorCheck {
  const { config, problems, path } = loaded;
  const errors = problems.filter((problem) => problem.severity === "error");
  const [first] = errors.length > 0 ? errors : problems;
  const count = problems.length > 1 ? ` (and ${problems.length - 1} more)` : "";
  return {
    name: "config",
    state: config === null ? "missing" : first === undefined ? "ok" : "limited",
    detail: first === undefined ? path : `${formatDiagnostic(first)}${count}`,
    remedy: first === undefined ? "" : "List all problems with: auditql config check",
  };
}

/** Kernels before 5.11 allow 8192 folders, which one home directory can have. */
const fewWatches = 65_536;

/** How many folders can be watched; null when the configuration watches none. */
export function checkWatches({ config }: LoadedConfig): DoctorCheck | null {
  if (config === null || config.publish.fileEvents === null) return null;
  const limit = (name: string) => Number(readFileSync(`/proc/sys/fs/inotify/${name}`, "utf8"));
  const watches = limit("max_user_watches");
  const isEnough = watches >= fewWatches;
  return {
    name: "inotify",
    state: isEnough ? "ok" : "limited",
    detail: `${watches} folders can be watched (fs.inotify.max_user_watches), ${limit("max_queued_events")} changes can be queued`,
    remedy: isEnough
      ? ""
      : "Raise it: sysctl -w fs.inotify.max_user_watches=524288; set it in /etc/sysctl.d/ to keep it after a reboot.",
  };
}

/** The directory, or where there is none yet the one that it will be made in, must be writable. */
export function checkStateDirectory(path: string): DoctorCheck {
  let place = path;
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place);
  const name = "state_directory";
  const remedy = "Run the daemon as root, or set another directory with --state_path.";
  try {
    accessSync(place, constants.W_OK | constants.X_OK);
  } catch (error) {
    const detail = `cannot create files in ${place}: ${fileReason(error)}`;
    return { name, state: "missing", detail, remedy };
  }
  const isOpen = place === path && (statSync(path).mode & 0o022) !== 0;
  return {
    name,
    state: isOpen ? "limited" : "ok",
    detail: place === path ? path : `${path} (will be created)`,
    remedy: isOpen ? `Other users can write to it. Run: chmod go-w ${path}` : "",
  };
}

/**
 * What the host lets auditql do. `daemonPid` may own the audit stream: that is as it should be. Of a
 * running daemon, checkCapture() says which backend it uses, and not what `auto` would select now.
 */
export function checkHost(daemonPid: string | null): readonly DoctorCheck[] {
  const checks = loadAddon().probeHost();
  const seesSockets = checks.some(({ name, ok }) => name === "backend" && ok);
  return checks
    .filter(({ name }) => daemonPid === null || name !== "backend")
    .map((check) => {
      const isOurs =
        check.name === "audit_owner" &&
        daemonPid !== null &&
        check.detail.startsWith(`pid ${daemonPid} `);
      return isOurs ? ownedByDaemon(daemonPid) : hostCheck(check, seesSockets);
    });
}

/** Asks the daemon who it is. */
export async function checkDaemon(
  source: QuerySource,
): Promise<{ readonly check: DoctorCheck; readonly pid: string | null }> {
  const name = "daemon";
  try {
    const signal = AbortSignal.timeout(5000);
    const sql = "select pid, auditql_version from osquery_info";
    const { rows } = await queryAll(source, { sql, signal });
    const [pid = null, version] = readCells(rows[0] ?? "{}").map((cell) => cell.text);
    const detail = `version ${version ?? "unknown"}, pid ${pid ?? "unknown"}, on ${source.address}`;
    return { check: { name, state: "ok", detail, remedy: "" }, pid };
  } catch (error) {
    const code = error instanceof AuditqlError ? error.code : "internal";
    const isAbsent = code === "daemon_unreachable";
    const detail = isAbsent ? `no daemon answers on ${source.address}` : firstLineOf(error);
    const remedy = daemonRemedies.get(code) ?? `See ${code} in docs/reference/errors.md.`;
    return { check: { name, state: "limited", detail, remedy }, pid: null };
  }
}

/** What the running daemon sees, and what it does not see. */
export async function checkCapture(source: QuerySource): Promise<readonly DoctorCheck[]> {
  const sql = "select kind, name, state, backend, reason, remedy from auditql_capture";
  try {
    const { rows } = await queryAll(source, { sql, signal: AbortSignal.timeout(5000) });
    const found = rows.map((row) => readCells(row).map((cell) => cell.text ?? ""));
    const sources = found.filter(([kind]) => kind === "source");
    const problems = found.filter(([kind]) => kind === "problem");
    const seen = sources.map(([, name, state]) => `${name} ${state}`).join(", ");
    return [
      {
        name: "capture",
        state: problems.length === 0 ? "ok" : "limited",
        detail: `backend ${sources[0]?.[3] || "none"}: ${seen}`,
        remedy: problems.length === 0 ? "" : "See the following lines.",
      },
      ...problems.map(([, name = "", state, , detail = "", remedy = ""]): DoctorCheck => {
        return {
          name: `capture_${name}`,
          state: state === "error" ? "missing" : "limited",
          detail,
          remedy,
        };
      }),
    ];
  } catch (error) {
    const remedy = "See the daemon's status log.";
    return [{ name: "capture", state: "limited", detail: firstLineOf(error), remedy }];
  }
}

const daemonRemedies: ReadonlyMap<ErrorCode, string> = new Map([
  ["daemon_unreachable", "Start it with: auditql daemon"],
  [
    "daemon_permission",
    "To let other users run queries, set auditql.http.socket_group and auditql.http.socket_users (docs/deploy/security.md).",
  ],
]);

function ownedByDaemon(pid: string): DoctorCheck {
  const detail = `the running auditql daemon (pid ${pid}) owns the audit stream`;
  return { name: "audit_owner", state: "ok", detail, remedy: "" };
}

function hostCheck({ name, ok, detail, remedy }: HostCheck, seesSockets: boolean): DoctorCheck {
  const isNeeded = !seesSockets && neededOfHost.has(name);
  const state = ok ? "ok" : isNeeded ? "missing" : "limited";
  return { name, state, detail, remedy };
}

function firstLineOf(error: unknown): string {
  return messageOf(error).split("\n")[0] ?? "";
}
