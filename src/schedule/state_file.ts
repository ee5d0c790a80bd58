import Database from "better-sqlite3";
import { AuditqlError, messageOf } from "../errors.js";

export interface StateFileOptions {
  /** Statements that make the tables where there are none. */
  readonly tables: string;
  /** Names of these tables. */
  readonly names: readonly string[];
  /** A larger database is not taken into memory. */
  readonly maxMemoryBytes: number;
  /** Milliseconds. */
  now(): number;
  /** The file takes no writes from now on. */
  onFailed(error: unknown): void;
  /** It takes them again, and has everything. */
  onSaved(): void;
}

/** better-sqlite3 waits in the caller's thread: nobody but a test, or a backup, has locks here. */
const lockTimeoutMs = 100;
const firstRetryMs = 1000;
const lastRetryMs = 60_000;

/**
 * A SQLite file whose writes do not fail with its disk. While the disk is full, or fails, all goes on
 * in a copy in memory, so that only a crash repeats what was done meanwhile; the file is written as
 * soon as it can be.
 */
export class StateFile {
  readonly #options: StateFileOptions;
  readonly #file: Database.Database;
  /** In place of the file while that takes no writes. */
  #copy: Database.Database | null = null;
  /** The file takes no writes, and is too large to be copied. */
  #isBlocked = false;
  #retryMs = firstRetryMs;
  #nextTryMs = 0;

  constructor(path: string, options: StateFileOptions) {
    this.#options = options;
    this.#file = new Database(path, { timeout: lockTimeoutMs });
    this.#file.pragma("journal_mode = WAL");
    // The end of this process loses nothing; a power cut may repeat the last lines, never skip any.
    this.#file.pragma("synchronous = NORMAL");
    this.#file.exec(options.tables);
  }

  /** What was written, wherever it is. */
  get database(): Database.Database {
    return this.#copy ?? this.#file;
  }

  /** Whether all that was written is in the file. */
  get isSaved(): boolean {
    return this.#copy === null;
  }

  /** Makes a change, all of it or, when it throws, nothing. */
  write(change: (database: Database.Database) => void): void {
    if (this.#copy === null) {
      try {
        this.#file.transaction(change)(this.#file);
        if (this.#isBlocked) this.#options.onSaved();
        this.#isBlocked = false;
        return;
      } catch (error) {
        if (!isOfDisk(error)) throw error;
        this.#leaveFile(error);
      }
    }
    const copy = this.#copy;
    if (copy !== null) copy.transaction(change)(copy);
    this.#saveWhenDue();
  }

  /** Throws where what is done now could not be remembered. */
  requireWritable(): void {
    if (!this.#isBlocked) return;
    this.write(() => this.#rewrite());
  }

  /** Saves what the file does not have yet; false when it cannot. */
  close(): boolean {
    this.#nextTryMs = 0;
    this.#saveWhenDue();
    const { isSaved } = this;
    this.#copy?.close();
    this.#file.close();
    return isSaved;
  }

  #leaveFile(error: unknown): void {
    if (!this.#isBlocked) this.#options.onFailed(error);
    if (this.#size() > this.#options.maxMemoryBytes) {
      this.#isBlocked = true;
      throw new AuditqlError("schedule_state_broken", messageOf(error), { cause: error });
    }
    const copy = new Database(":memory:");
    copy.exec(this.#options.tables);
    copy.transaction(() => this.#copyTables(this.#file, copy))();
    this.#copy = copy;
    this.#retryMs = firstRetryMs;
    this.#nextTryMs = this.#options.now() + this.#retryMs;
  }

  #size(): number {
    const number = (name: string) => Number(this.#file.pragma(name, { simple: true }));
    return number("page_count") * number("page_size");
  }

  /** A write that changes nothing but takes room, as any does. */
  #rewrite(): void {
    this.#file.pragma(`user_version = ${this.#options.now() % 2 ** 31}`);
  }

  #saveWhenDue(): void {
    const copy = this.#copy;
    const now = this.#options.now();
    if (copy === null || now < this.#nextTryMs) return;
    try {
      this.#file.transaction(() => {
        for (const name of this.#options.names) this.#file.exec(`DELETE FROM ${name}`);
        this.#copyTables(copy, this.#file);
      })();
    } catch (error) {
      if (!isOfDisk(error)) throw error;
      this.#retryMs = Math.min(2 * this.#retryMs, lastRetryMs);
      this.#nextTryMs = now + this.#retryMs;
      return;
    }
    copy.close();
    this.#copy = null;
    this.#options.onSaved();
  }

  #copyTables(from: Database.Database, to: Database.Database): void {
    for (const name of this.#options.names) {
      const rows = from.prepare(`SELECT * FROM ${name}`);
      const places = rows.columns().map(() => "?");
      const insert = to.prepare(`INSERT INTO ${name} VALUES (${places.join()})`);
      for (const row of rows.raw().iterate()) insert.run(row);
    }
  }
}

/** Full, failing, read-only, or locked by another process; whatever it is, it may pass. */
function isOfDisk(error: unknown): boolean {
  if (!(error instanceof Database.SqliteError)) return false;
  return /^SQLITE_(FULL|IOERR|READONLY|CANTOPEN|BUSY|LOCKED)/.test(error.code);
}
