import { join } from "node:path";
import type Database from "better-sqlite3";
import { AuditqlError, messageOf } from "../errors.js";
import { makeDirectories } from "../util/make_directories.js";
import { StateFile } from "./state_file.js";

/** What the schedule remembers of a query besides its rows. */
export interface QueryState {
  readonly epoch: number;
  readonly counter: number;
}

/** A row that a query returned, by the hash of its text. */
export interface StoredRow {
  readonly hash: Buffer;
  readonly copies: number;
}

/** Changes to the rows remembered of a query. */
export interface RowChanges {
  readonly set: readonly {
    readonly hash: Buffer;
    readonly copies: number;
    readonly text: Buffer;
  }[];
  readonly gone: readonly Buffer[];
}

/** Results of queries that have not run for so long are forgotten; as osquery, 6.85 days. */
const forgetAfterSeconds = 592_200;

const tables = `
CREATE TABLE IF NOT EXISTS query (
  name TEXT PRIMARY KEY, epoch INTEGER, counter INTEGER, interval INTEGER, splayed INTEGER,
  last_run INTEGER NOT NULL DEFAULT 0, denied_until INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS result (
  query TEXT, hash BLOB, copies INTEGER NOT NULL, text BLOB NOT NULL, PRIMARY KEY (query, hash)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS cursor (
  query TEXT, event_table TEXT, eid INTEGER NOT NULL, PRIMARY KEY (query, event_table)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
`;

/** Names of `tables`. */
const tableNames = ["query", "result", "cursor", "setting"];

/** Results of differential queries are most of it; a host has some megabytes. */
const maxMemoryBytes = 64 * 2 ** 20;

export interface StateDatabaseOptions {
  /** Milliseconds since 1970; the host's clock unless given. */
  readonly now?: () => number;
  /** Told when the disk takes no writes, and when it has everything again. */
  readonly onError?: (error: unknown) => void;
  readonly onSaved?: () => void;
}

/** The schedule's memory: a SQLite database in the state directory that survives crashes. */
export class StateDatabase {
  readonly #file: StateFile;

  constructor(directory: string, options: StateDatabaseOptions = {}) {
    const path = join(directory, "schedule.db");
    const { now = Date.now, onError = () => {}, onSaved = () => {} } = options;
    try {
      makeDirectories(directory, 0o700);
      this.#file = new StateFile(path, {
        tables,
        names: tableNames,
        maxMemoryBytes,
        now,
        onFailed: onError,
        onSaved,
      });
    } catch (cause) {
      const reason = messageOf(cause);
      throw new AuditqlError("schedule_state_broken", `cannot use ${path}: ${reason}`, { cause });
    }
  }

  get #database(): Database.Database {
    return this.#file.database;
  }

  /** Throws where what a query has logged could not be remembered: it would be logged again. */
  requireWritable(): void {
    this.#file.requireWritable();
  }

  /** Null when the query never ran to its end. */
  queryState(name: string): QueryState | null {
    const row = this.#database
      .prepare<[string], { epoch: number | null; counter: number | null }>(
        "SELECT epoch, counter FROM query WHERE name = ?",
      )
      .get(name);
    if (row === undefined || row.epoch === null || row.counter === null) return null;
    return { epoch: row.epoch, counter: row.counter };
  }

  rows(name: string): StoredRow[] {
    return this.#database
      .prepare<[string], StoredRow>("SELECT hash, copies FROM result WHERE query = ?")
      .all(name);
  }

  rowText(name: string, hash: Buffer): Buffer {
    const row = this.#database
      .prepare<[string, Buffer], { text: Buffer }>(
        "SELECT text FROM result WHERE query = ? AND hash = ?",
      )
      .get(name, hash);
    return row?.text ?? Buffer.alloc(0);
  }

  /** Remembers a finished run of a query over state tables. */
  saveResults(name: string, state: QueryState, changes: RowChanges): void {
    this.#file.write((database) => {
      const set = database.prepare("INSERT OR REPLACE INTO result VALUES (?, ?, ?, ?)");
      const remove = database.prepare("DELETE FROM result WHERE query = ? AND hash = ?");
      saveState(database, name, state);
      for (const hash of changes.gone) remove.run(name, hash);
      for (const { hash, copies, text } of changes.set) set.run(name, hash, copies, text);
    });
  }

  /** Remembers a finished run of a query over event tables: its cursors move. */
  saveCursors(name: string, state: QueryState | null, cursors: ReadonlyMap<string, number>): void {
    this.#file.write((database) => {
      const set = database.prepare("INSERT OR REPLACE INTO cursor VALUES (?, ?, ?)");
      if (state !== null) saveState(database, name, state);
      for (const [table, eid] of cursors) set.run(name, table, eid);
    });
  }

  /** Last eid of an event table that the query's results were logged for; null before the first. */
  cursor(name: string, table: string): number | null {
    const row = this.#database
      .prepare<[string, string], { eid: number }>(
        "SELECT eid FROM cursor WHERE query = ? AND event_table = ?",
      )
      .get(name, table);
    return row?.eid ?? null;
  }

  /** The splayed interval chosen for an interval, kept so that restarts do not shift it. */
  splayedInterval(name: string, interval: number, choose: () => number): number {
    const row = this.#database
      .prepare<[string], { interval: number | null; splayed: number | null }>(
        "SELECT interval, splayed FROM query WHERE name = ?",
      )
      .get(name);
    if (row?.interval === interval && row.splayed !== null) return row.splayed;
    const splayed = choose();
    this.#run(
      `INSERT INTO query (name, interval, splayed) VALUES (?, ?, ?)
       ON CONFLICT (name) DO UPDATE SET interval = excluded.interval, splayed = excluded.splayed`,
      [name, interval, splayed],
    );
    return splayed;
  }

  noteRun(name: string, unixTime: number): void {
    this.#upsert("last_run", name, unixTime);
  }

  /** Until when (seconds since 1970) the query must not run; 0: it may. */
  deniedUntil(name: string): number {
    const row = this.#database
      .prepare<[string], { denied_until: number }>("SELECT denied_until FROM query WHERE name = ?")
      .get(name);
    return row?.denied_until ?? 0;
  }

  deny(name: string, untilUnixTime: number): void {
    this.#upsert("denied_until", name, untilUnixTime);
  }

  #upsert(column: "last_run" | "denied_until", name: string, value: number): void {
    this.#run(
      `INSERT INTO query (name, ${column}) VALUES (?, ?)
       ON CONFLICT (name) DO UPDATE SET ${column} = excluded.${column}`,
      [name, value],
    );
  }

  #run(sql: string, parameters: readonly (string | number)[]): void {
    this.#file.write((database) => void database.prepare(sql).run(...parameters));
  }

  /** Forgets queries that are not scheduled any more and have not run for a week. */
  forgetStale(scheduled: ReadonlySet<string>, nowUnixTime: number): void {
    const stale = this.#database
      .prepare<[number], { name: string }>("SELECT name FROM query WHERE last_run < ?")
      .all(nowUnixTime - forgetAfterSeconds)
      .filter(({ name }) => !scheduled.has(name));
    if (stale.length === 0) return;
    this.#file.write((database) => {
      const statements = ["result WHERE query", "cursor WHERE query", "query WHERE name"].map(
        (target) => database.prepare(`DELETE FROM ${target} = ?`),
      );
      for (const { name } of stale) for (const statement of statements) statement.run(name);
    });
  }

  /** A setting that is chosen once per state directory. */
  setting(name: string, choose: () => string): string {
    const row = this.#database
      .prepare<[string], { value: string }>("SELECT value FROM setting WHERE name = ?")
      .get(name);
    if (row !== undefined) return row.value;
    const value = choose();
    this.keepSetting(name, value);
    return value;
  }

  keepSetting(name: string, value: string): void {
    this.#run("INSERT OR REPLACE INTO setting VALUES (?, ?)", [name, value]);
  }

  /** False when the disk did not take what the last runs have logged. */
  close(): boolean {
    return this.#file.close();
  }
}

function saveState(database: Database.Database, name: string, state: QueryState): void {
  database
    .prepare(
      `INSERT INTO query (name, epoch, counter) VALUES (?, ?, ?)
       ON CONFLICT (name) DO UPDATE SET epoch = excluded.epoch, counter = excluded.counter`,
    )
    .run(name, state.epoch, state.counter);
}
