import { closeSync, openSync } from "node:fs";
import type Database from "better-sqlite3";
import { addonPath, loadAddon } from "../src/native/addon.js";
import type { NativeConnection } from "../src/native/connection.js";
import type { QueryRequest } from "../src/sql/query.js";
import { WorkerPool } from "../src/sql/worker_pool.js";
import { nativeTables } from "../src/tables/define_table.js";
import { openThisHost } from "../src/tables/host.js";
import { processes } from "../src/tables/processes/processes.js";
import { type Clock, millisecondsOf } from "./alternate.js";
import type { BenchQuery } from "./sql_queries.js";

/** A way to have a query answered. */
export interface SqlContender {
  readonly name: string;
  /** Milliseconds of one query; null when it cannot answer it. */
  readonly measure: (query: BenchQuery) => (() => number | Promise<number>) | null;
  readonly close: () => Promise<void> | void;
}

/**
 * A connection of a query worker, in this process: the result is written natively, to nowhere.
 * `database` may hold an ordinary table to be read in place of the event table.
 */
export function nativeContender(
  name: string,
  database: Database.Database,
  table: { readonly name: string; readonly stateDirectory?: string; readonly clock: Clock },
): SqlContender {
  database.loadExtension(addonPath);
  const connection = loadAddon().takeConnection();
  if (table.stateDirectory !== undefined) connection.attachStore(table.stateDirectory);
  const host = openThisHost();
  for (const native of nativeTables(processes, host)) connection.defineTable(native);
  const outputFd = openSync("/dev/null", "w");
  let generation = 0;
  return {
    name,
    measure: (query) => () =>
      millisecondsOf(() => {
        generation++;
        runNatively(connection, { query, table: table.name, generation, outputFd });
      }, table.clock),
    close: () => {
      closeSync(outputFd);
      database.close();
    },
  };
}

interface NativeRun {
  readonly query: BenchQuery;
  readonly table: string;
  readonly generation: number;
  readonly outputFd: number;
}

function runNatively(connection: NativeConnection, run: NativeRun): void {
  const { error } = connection.query({
    generation: run.generation,
    sql: run.query.sql.replace("EVENTS", run.table),
    parameters: run.query.parameters(run.generation),
    format: "ndjson",
    outputFd: run.outputFd,
    timeoutMs: 0,
    maxRows: 0,
    maxBytes: 0,
    allowUnbound: false,
    windows: {},
  });
  if (error !== null) throw new Error(`${run.query.title}: ${error.message}`);
}

/** better-sqlite3 on an ordinary table: text of a statement in, rows as arrays out. */
export function betterSqliteContender(
  name: string,
  database: Database.Database,
  clock: Clock,
): SqlContender {
  return {
    name,
    measure: (query) => {
      if (query.joinsProcesses === true) return null;
      const sql = query.sql.replace("EVENTS", "process_rows");
      if (query.isLarge === true)
        return () => millisecondsOf(() => stringify(database, sql), clock);
      let call = 0;
      return () =>
        millisecondsOf(() => {
          database
            .prepare(sql)
            .raw()
            .all(...query.parameters(call++));
        }, clock);
    },
    close: () => void database.close(),
  };
}

function stringify(database: Database.Database, sql: string): void {
  let bytes = 0;
  for (const row of database.prepare(sql).iterate()) bytes += JSON.stringify(row).length + 1;
  if (bytes === 0) throw new Error("no row was read");
}

/** The worker processes of the daemon; the result comes through their pipe. */
export function poolContender(name: string, stateDirectory: string): SqlContender {
  const counter = () => ({ add: () => {}, set: () => {}, get: () => 0 });
  const pool = new WorkerPool({ store: { directory: stateDirectory, fd: null }, counter });
  let call = 0;
  return {
    name,
    measure: (query) => async () => {
      call++;
      const start = performance.now();
      const running = pool.run(poolRequest(query, call));
      for await (const _ of running.output);
      const { error } = await running.outcome;
      if (error !== null) throw new Error(`${query.title}: ${error.message}`);
      return performance.now() - start;
    },
    close: () => pool.close(),
  };
}

/** The request of a query as the schedule or a client makes it. */
export function poolRequest(query: BenchQuery, call: number): QueryRequest {
  return {
    sql: query.sql.replace("EVENTS", "process_events"),
    parameters: query.parameters(call),
    format: "ndjson",
    limits: { timeoutMs: 600_000, maxRows: 0, maxBytes: 0, maxMemoryBytes: 1 << 30 },
    origin: "bench",
    role: "admin",
  };
}
