import Database from "better-sqlite3";
import type { TableLimits } from "../../src/config/config.js";
import { messageOf } from "../../src/errors.js";
import type {
  EventWindow,
  QueryError,
  ResultFormat,
  StatementInfo,
} from "../../src/native/connection.js";
import type { Counter, CounterKey } from "../../src/native/engine.js";
import type { EventTables } from "../../src/schedule/event_cursors.js";
import type {
  QueryOutcome,
  QueryRequest,
  QueryRunner,
  ResourceUsage,
  RunningQuery,
} from "../../src/sql/query.js";

/** Event tables in a SQLite database of the test, with the windows and bounds of the real store. */
export class SqliteStore implements EventTables {
  readonly database = new Database(":memory:");
  readonly readBelow = new Map<string, number>();
  readonly limits = new Map<string, TableLimits>();
  readonly counts = new Map<string, number>();
  readonly #tables = new Set<string>();
  #shown = "";

  /** Declares an event table; eid is given by add(). */
  declare(table: string, columns: string): void {
    this.database.exec(
      `CREATE TABLE stored_${table} (eid INTEGER PRIMARY KEY AUTOINCREMENT, ${columns})`,
    );
    this.#tables.add(table);
    this.showWindows({});
  }

  add(table: string, row: Readonly<Record<string, string | number>>): void {
    const names = Object.keys(row);
    this.database
      .prepare(`INSERT INTO stored_${table} (${names}) VALUES (${names.map((name) => `@${name}`)})`)
      .run(row);
  }

  evictBelow(table: string, eid: number): void {
    this.database.prepare(`DELETE FROM stored_${table} WHERE eid < ?`).run(eid);
  }

  /** Until the next call the event tables show these windows only. */
  showWindows(windows: Readonly<Record<string, EventWindow>>): void {
    const shown = JSON.stringify([windows, ...this.#tables]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    for (const table of this.#tables) {
      const { after, upTo } = windows[table] ?? { after: 0, upTo: Number.MAX_SAFE_INTEGER };
      this.database.exec(`DROP VIEW IF EXISTS temp.${table};
        CREATE TEMP VIEW ${table} AS SELECT * FROM stored_${table} WHERE eid > ${after} AND eid <= ${upTo}`);
    }
  }

  /** Event tables that a statement reads, found by preparing it without each of them. */
  eventTables(sql: string): string[] {
    this.database.prepare(sql);
    const used = [...this.#tables].filter((table) => {
      this.database.exec(`DROP VIEW temp.${table}`);
      this.#shown = "";
      try {
        this.database.prepare(sql);
        return false;
      } catch {
        return true;
      } finally {
        this.showWindows({});
      }
    });
    return used;
  }

  bounds(table: string): { readonly firstEid: number; readonly nextEid: number } {
    const row = this.database
      .prepare<[string], { seq: number }>("SELECT seq FROM sqlite_sequence WHERE name = ?")
      .get(`stored_${table}`);
    const nextEid = (row?.seq ?? 0) + 1;
    const first = this.database
      .prepare<[], { eid: number | null }>(`SELECT min(eid) AS eid FROM stored_${table}`)
      .get();
    return { firstEid: first?.eid ?? nextEid, nextEid };
  }

  setReadBelow(table: string, eid: number): void {
    this.readBelow.set(table, eid);
  }

  setLimits(table: string, limits: TableLimits): void {
    this.limits.set(table, limits);
  }

  counter(key: CounterKey): Counter {
    const name = [key.stage, key.name, key.metric, key.reason].filter(Boolean).join(".");
    const { counts } = this;
    return {
      add: (n = 1) => void counts.set(name, (counts.get(name) ?? 0) + n),
      set: (value) => void counts.set(name, value),
      get: () => counts.get(name) ?? 0,
    };
  }
}

/** Runs queries on the database of a store, in osquery's form of rows. */
export class SqliteRunner implements QueryRunner {
  readonly #store: SqliteStore;
  readonly requests: QueryRequest[] = [];
  /** Queries that contain a key of it end with its error instead. */
  readonly failures = new Map<string, QueryError>();
  /** Awaited before each query; lets a test hold one up. */
  gate: Promise<void> = Promise.resolve();
  /** What each query is said to have taken. */
  usage: ResourceUsage = { userMs: 0, systemMs: 0, memoryBytes: 0 };
  /** Queries that contain a key of it take until this is resolved. */
  readonly slow = new Map<string, Promise<void>>();

  constructor(store: SqliteStore) {
    this.#store = store;
  }

  run(request: QueryRequest): RunningQuery {
    this.requests.push(request);
    const [, wait] = [...this.slow].find(([text]) => request.sql.includes(text)) ?? [];
    const started = this.gate.then(() => wait).then(() => this.#execute(request));
    return {
      id: String(this.requests.length),
      request,
      startedAt: 0,
      begun: this.gate,
      output: chunks(started.then(({ text }) => text)),
      outcome: started.then(({ outcome }) => outcome),
      cancel() {},
    };
  }

  #execute(request: QueryRequest): { text: string; outcome: QueryOutcome } {
    const outcome: QueryOutcome = {
      usage: this.usage,
      columns: [],
      types: [],
      rows: 0,
      bytes: 0,
      elapsedMs: 1,
      truncatedBy: null,
      evictedRows: 0,
      eventTables: [],
      warnings: [],
      error: null,
    };
    const failure = [...this.failures].find(([text]) => request.sql.includes(text));
    if (failure !== undefined) return { text: "", outcome: { ...outcome, error: failure[1] } };
    this.#store.showWindows(request.windows ?? {});
    try {
      const rows = this.#store.database.prepare<[], Record<string, unknown>>(request.sql).all();
      const text = rows.map((row) => `${rowText(row, request.format)}\n`).join("");
      if (text.length > request.limits.maxBytes) {
        return { text: "", outcome: { ...outcome, truncatedBy: "bytes" } };
      }
      return { text, outcome: { ...outcome, rows: rows.length, bytes: text.length } };
    } catch (error) {
      const message = messageOf(error);
      return { text: "", outcome: { ...outcome, error: { code: "sql_error", message } } };
    } finally {
      this.#store.showWindows({});
    }
  }

  async inspect(sql: string): Promise<StatementInfo> {
    const eventTables = this.#store.eventTables(sql);
    const counts = { parameterCount: 0, statementCount: 1, rejections: [] };
    return { columns: [], eventTables, readsFacts: sql.includes("exe_hash_"), ...counts };
  }

  running(): readonly RunningQuery[] {
    return [];
  }

  cancel(): boolean {
    return false;
  }

  async close(): Promise<void> {}
}

function rowText(row: Record<string, unknown>, format: ResultFormat): string {
  const sorted = Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1));
  const cell = (value: unknown) => (format === "osquery" ? String(value ?? "") : (value ?? ""));
  const shown = sorted.map(([name, value]) => [name, cell(value)]);
  return JSON.stringify(Object.fromEntries(shown));
}

/** Cuts in the middle of lines, as a pipe does. */
async function* chunks(text: Promise<string>): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(await text);
  for (let start = 0; start < bytes.length; start += 7919)
    yield bytes.subarray(start, start + 7919);
}
