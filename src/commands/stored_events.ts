import type { QuerySource } from "../client/query_source.js";
import { AuditqlError } from "../errors.js";
import type { StoredEvent } from "./audit_log_text.js";

type TableName = StoredEvent["table"];

/** Rows that one query asks for: a page and its copy are all that is held of a table. */
const pageRows = 500;

const common = [
  "ntime / 1000000 as ms",
  "serial",
  "node",
  "arch",
  "syscall",
  "pid",
  "parent",
  "success",
  "error",
  "auid",
  "uid",
  "gid",
  "euid",
  "egid",
  "tty",
  "session_id",
  "key",
  hexOf("comm_bytes", "comm"),
];

const columns: Readonly<Record<TableName, readonly string[]>> = {
  process_events: [
    ...common,
    "event_action as action",
    "null as exit",
    "exit_code",
    "suid",
    "fsuid",
    "sgid",
    "fsgid",
    hexOf("exe_bytes", "exe"),
    hexOf("path_bytes", "path"),
    hexOf("cwd_bytes", "cwd"),
    hexOf("args_bytes", "args"),
    "args_count",
    "null as fd",
    "null as sockaddr",
  ],
  socket_events: [
    ...common,
    "action",
    "exit",
    "null as exit_code",
    "null as suid",
    "null as fsuid",
    "null as sgid",
    "null as fsgid",
    hexOf("path_bytes", "exe"),
    "null as path",
    "null as cwd",
    "null as args",
    "null as args_count",
    "fd",
    hexOf("address_bytes", "sockaddr"),
  ],
};

/** hex(NULL) is an empty text. */
function hexOf(column: string, name: string): string {
  return `nullif(hex(${column}), '') as ${name}`;
}

/** What was read, and what was gone before it could be. */
export interface ReadEvents {
  readonly events: AsyncIterable<StoredEvent>;
  /** Rows that expired while the tables were read; complete once `events` has ended. */
  evicted(): number;
}

/** Every event that is stored now, in the order of time as far as each table is in it. Pages are
 * read as they are needed, so that tables of any size pass through. */
export function storedEvents(source: QuerySource): ReadEvents {
  const processes = new TablePages(source, "process_events");
  const sockets = new TablePages(source, "socket_events");
  return {
    events: merge(processes, sockets),
    evicted: () => processes.evicted + sockets.evicted,
  };
}

async function* merge(left: TablePages, right: TablePages): AsyncGenerator<StoredEvent> {
  let a = await left.next();
  let b = await right.next();
  while (a !== null || b !== null) {
    if (b === null || (a !== null && !isLater(a, b))) {
      if (a !== null) yield a;
      a = await left.next();
    } else {
      yield b;
      b = await right.next();
    }
  }
}

function isLater(a: StoredEvent, b: StoredEvent): boolean {
  return a.ms === b.ms ? (a.serial ?? 0) > (b.serial ?? 0) : a.ms > b.ms;
}

/** Rows of one table by number, up to the newest at the time of the first. */
class TablePages {
  evicted = 0;
  readonly #source: QuerySource;
  readonly #table: TableName;
  readonly #signal = new AbortController().signal;
  #page: StoredEvent[] = [];
  #last: number | null = null;
  #end: number | null = null;

  constructor(source: QuerySource, table: TableName) {
    this.#source = source;
    this.#table = table;
  }

  async next(): Promise<StoredEvent | null> {
    if (this.#page.length === 0) await this.#readPage();
    const event = this.#page.shift() ?? null;
    if (event === null) return null;
    // Every number is a row: one that is skipped was dropped after the reading began.
    if (this.#last !== null) this.evicted += event.number - this.#last - 1;
    this.#last = event.number;
    return event;
  }

  async #readPage(): Promise<void> {
    this.#end ??= await this.#newest();
    const last = this.#last ?? 0;
    if (last >= this.#end) return;
    const range = `rowid > ${last} and rowid <= ${this.#end}`;
    const fields = ["rowid as number", ...(columns[this.#table] ?? [])].join(", ");
    const sql = `select ${fields} from ${this.#table} where ${range} order by rowid limit ${pageRows}`;
    const { lines, truncatedBy } = await this.#ask(sql);
    if (lines.length === 0 && truncatedBy !== null) {
      throw new AuditqlError(
        "result_truncated",
        `A row of ${this.#table} exceeds the daemon's limit on the result size. Raise auditql.limits.adhoc.max_bytes.`,
      );
    }
    this.#page = lines.map((line) => eventOf(line, this.#table));
  }

  async #newest(): Promise<number> {
    const sql = `select rowid as number from ${this.#table} order by rowid desc limit 1`;
    const [line] = (await this.#ask(sql)).lines;
    const row: unknown = line === undefined ? { number: 0 } : JSON.parse(line);
    return isNumbered(row) ? row.number : 0;
  }

  async #ask(sql: string) {
    const lines: string[] = [];
    const question = { sql, limits: {}, signal: this.#signal };
    const { truncatedBy } = await this.#source.query(question, async (batch) => {
      lines.push(...batch);
    });
    return { lines, truncatedBy };
  }
}

function eventOf(line: string, table: TableName): StoredEvent {
  const row: unknown = JSON.parse(line);
  if (!isNumbered(row)) {
    throw new AuditqlError("answer_unexpected", `A row of ${table} has no eid.`);
  }
  // The columns are those of the query above, whose types the tables' schemas declare.
  return { ...(row as Omit<StoredEvent, "table">), table };
}

function isNumbered(row: unknown): row is { readonly number: number } {
  return (
    typeof row === "object" && row !== null && "number" in row && typeof row.number === "number"
  );
}
