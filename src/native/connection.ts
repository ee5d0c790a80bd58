export type SqlValue = null | number | bigint | string | Uint8Array;

/** A value of a parameter: a number without a fraction is an integer, unless it is a `real`. */
export type SqlParameter = SqlValue | { readonly real: number };

/** By position, or by name. */
export type SqlParameters = readonly SqlParameter[] | Readonly<Record<string, SqlParameter>>;

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

/** What the addon reads of the declaration of a column. */
export interface NativeColumn {
  readonly name: string;
  readonly type: string;
  readonly index?: boolean;
  readonly required?: boolean;
  readonly additional?: boolean;
  readonly optimized?: boolean;
  readonly scope?: boolean;
  readonly patterns?: boolean;
  readonly filled?: boolean;
  readonly collation?: string;
  readonly aliases?: readonly string[];
}

/** Declaration of a state table for the addon; from schemas/tables/. */
export interface NativeTable {
  readonly name: string;
  readonly sql: string;
  readonly columns: readonly NativeColumn[];
  /** Without `=` on its scope it shows the daemon's own account alone. */
  readonly userData?: boolean;
  /** Called synchronously while SQLite steps; an exception fails the query with its message. */
  readonly generate: (request: TableRequest) => Iterable<TableRow>;
}

export type ResultFormat = "ndjson" | "csv" | "json" | "shell" | "osquery" | "osquery_numerics";

/** `after < eid <= upTo` of one event table. */
export interface EventWindow {
  readonly after: number;
  readonly upTo: number;
}

export interface NativeQuery {
  /** Frames on the output descriptor carry it; cancels name it. Rises with each query. */
  readonly generation: number;
  readonly sql: string;
  readonly parameters: SqlParameters;
  /** Parameters that are not given are NULL, as in osquery; else they are an error. */
  readonly allowUnbound: boolean;
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
  /** Code of docs/reference/errors.md, e.g. `sql_error`, `query_timeout`, `query_cancelled`. */
  readonly code: string;
  readonly message: string;
}

export interface StatementOutcome {
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
  /** What tables say of rows that they leave out, a sentence each. */
  readonly warnings: readonly string[];
  readonly error: QueryError | null;
}

/** The same without what the tables, which are not native, have to say. */
export type NativeOutcome = Omit<StatementOutcome, "warnings">;

/** What preparing a query, without running it, tells. */
export interface StatementInfo {
  readonly columns: readonly string[];
  readonly eventTables: readonly string[];
  /** Whether it reads what is found out about events after they are stored. */
  readonly readsFacts: boolean;
  /** Why tables reject to be read as it reads them, a sentence each: it fails when it reaches one. */
  readonly rejections: readonly string[];
  readonly parameterCount: number;
  readonly statementCount: number;
}

/** SQLite connection of a query worker, on the handle of the database that loaded the addon. */
export interface NativeConnection {
  /** Serves every event table and `auditql_health` from the directory of a store. */
  attachStore(directory: string): void;
  defineTable(table: NativeTable): void;
  /** Offers a table no more; one that is not there is none. */
  removeTable(name: string): void;
  /** A view that every later statement may read. */
  defineView(name: string, select: string): void;
  /** Runs a statement, or several with semicolons between them, whose rows follow one another, on
   * the calling thread; frames of at most 64 KiB go to `outputFd`:
   * `u32 length, u32 generation` (little-endian), then the bytes. A frame of length 0 ends it. */
  query(query: NativeQuery): NativeOutcome;
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
