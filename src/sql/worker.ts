// Entry of a query worker: a child process that runs one statement at a time and can be killed
// at any moment. See worker_process.ts for the other end.
import Database from "better-sqlite3";
import { messageOf } from "../errors.js";
import { addonPath, loadAddon } from "../native/addon.js";
import type { NativeConnection, NativeOutcome } from "../native/connection.js";
import { stateTables, views } from "../tables/all.js";
import type { DaemonRows } from "../tables/daemon_rows.js";
import { nativeTables } from "../tables/define_table.js";
import { FileGuard } from "../tables/file_guard.js";
import { openHost } from "../tables/host.js";
import { delegatedReads } from "./delegated_reads.js";
import { type UsableNames, withNameHint } from "./name_hint.js";
import { addressSpaceBytes } from "./process_memory.js";
import { usableNames } from "./usable_names.js";
import { defineUserTables, type UserTableProblem } from "./user_tables.js";
import {
  controlFd,
  type FromWorker,
  framesFd,
  heldFd,
  readsFd,
  type ToWorker,
  type WorkerQuery,
  type WorkerSetup,
} from "./worker_messages.js";

// What tables read of other processes and of files that only the superuser may open.
const workerCapabilities = ["cap_dac_read_search", "cap_sys_ptrace"];

const idleMs = 1000;

interface Session {
  /** Held, because the connection is closed when nothing refers to it. */
  readonly database: Database.Database;
  readonly connection: NativeConnection;
  /** What the configuration declares and cannot be defined. */
  readonly problems: readonly UserTableProblem[];
  /** Rights that the host did not let it give up. */
  readonly unconfined: readonly string[];
  readonly names: UsableNames;
}

// More would say the same of other paths.
const maxWarnings = 16;

let daemonRows: DaemonRows = {};
/** The daemon started this process. */
const guard = new FileGuard(process.ppid);
/** Of the query that runs. */
const warnings = new Set<string>();
let session: Session | null = null;

/** Opens the database with every table, then gives up all rights that no table needs. */
function setUp(setup: WorkerSetup): Session {
  const addon = loadAddon();
  const database = new Database(":memory:");
  database.loadExtension(addonPath);
  const connection = addon.takeConnection();
  connection.watchControl(controlFd);
  connection.attachStore(setup.storeDirectory);
  const host = openHost({
    root: "/",
    now: Date.now,
    daemonRows: () => daemonRows,
    sources: addon.tableSources,
    guard,
    privilegedReads: delegatedReads(readsFd),
    heldFiles: new Map(setup.heldPaths.map((path, index) => [path, heldFd + index])),
    warn: (message) => {
      if (warnings.size < maxWarnings) warnings.add(message);
    },
    checkpoint: () => {
      if (connection.isInterrupted()) throw new Error("interrupted");
    },
  });
  for (const table of stateTables) {
    for (const native of nativeTables(table, host)) connection.defineTable(native);
  }
  for (const { name, select } of views) connection.defineView(name, select);
  const problems = defineUserTables(connection, setup.userTables);
  addon.limitAddressSpace(addressSpaceBytes("self") + setup.maxGrowthBytes);
  const { account, allowNetwork } = setup;
  const unconfined = addon.confineProcess({
    capabilities: workerCapabilities,
    account,
    allowNetwork,
  });
  const names = usableNames(database, setup.userTables);
  return { database, connection, problems, unconfined, names };
}

function ready(): Session {
  if (session === null) throw new Error("the worker was not set up");
  return session;
}

let idleTimer: NodeJS.Timeout | null = null;

/** Mapped files keep their room on disk and in memory after the writer has dropped them. */
function releaseWhenIdle(connection: NativeConnection): void {
  if (idleTimer !== null) clearTimeout(idleTimer);
  idleTimer = setTimeout(() => connection.releaseStore(), idleMs);
}

function runQuery({ rights, ...query }: WorkerQuery): FromWorker {
  const { connection, names } = ready();
  guard.begin(rights);
  warnings.clear();
  const outcome = connection.query({ ...query, outputFd: framesFd });
  releaseWhenIdle(connection);
  const coded = withCode(outcome);
  const { error } = coded;
  const hinting =
    error?.code === "sql_error"
      ? { ...coded, error: { ...error, message: hinted(error.message, query.sql, names) } }
      : coded;
  const told = { ...hinting, warnings: [...warnings] };
  return { kind: "outcome", outcome: told, refusals: guard.refusals };
}

/** SQLite passes on the message of what a table threw, and not its code. */
function withCode(outcome: NativeOutcome): NativeOutcome {
  const { code, message } = guard.error ?? {};
  if (code === undefined || message === undefined) return outcome;
  if (outcome.error?.code !== "sql_error" || !outcome.error.message.includes(message)) {
    return outcome;
  }
  return { ...outcome, error: { code, message } };
}

function inspect(sql: string): FromWorker {
  const { connection, names } = ready();
  try {
    return { kind: "inspected", info: connection.inspect(sql) };
  } catch (error) {
    return { kind: "failed", message: hinted(messageOf(error), sql, names) };
  }
}

/** An error stays what it is where the names cannot be listed, as when memory has run out. */
function hinted(message: string, sql: string, names: UsableNames): string {
  try {
    return withNameHint(message, sql, names);
  } catch {
    return message;
  }
}

function answer(message: ToWorker): FromWorker | null {
  switch (message.kind) {
    case "setup":
      session = setUp(message.setup);
      return { kind: "ready", problems: session.problems, unconfined: session.unconfined };
    case "daemon_rows":
      daemonRows = message.daemonRows;
      return null;
    case "query":
      return runQuery(message.query);
    case "inspect":
      return inspect(message.sql);
  }
}

function isToWorker(message: unknown): message is ToWorker {
  return typeof message === "object" && message !== null && "kind" in message;
}

process.on("message", (message) => {
  if (!isToWorker(message)) return;
  try {
    const reply = answer(message);
    if (reply !== null) process.send?.(reply);
  } catch (error) {
    const text = messageOf(error);
    process.send?.({ kind: "failed", message: text } satisfies FromWorker);
  }
});
process.on("disconnect", () => process.exit(0));
// Ctrl-C and `systemctl stop` reach the whole group; the daemon decides when its workers end.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => {});
