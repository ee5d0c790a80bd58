import type { TableSchema } from "../tables/table_schema.js";

/** How a query ended; one that failed throws an AuditqlError instead. */
export interface AnswerOutcome {
  readonly columns: readonly string[];
  /** Declared types of the columns; null for an expression. */
  readonly types: readonly (string | null)[];
  readonly rows: number;
  readonly elapsedMs: number;
  readonly truncatedBy: "rows" | "bytes" | null;
  readonly evictedRows: number;
  /** Files whose content the caller may not be told. */
  readonly refusedFiles: number;
  /** What tables say of rows that they leave out. */
  readonly warnings: readonly string[];
}

/** Limits that are left out are the source's own. */
export interface AskedLimits {
  readonly timeoutMs?: number;
  readonly maxRows?: number;
}

export interface Question {
  /** One statement. */
  readonly sql: string;
  readonly limits: AskedLimits;
  /** Aborting it cancels the query. */
  readonly signal: AbortSignal;
}

/** What tables, completion and `.schema` are made of. */
export type TableInfo = Pick<TableSchema, "name" | "kind" | "description"> & {
  readonly columns: readonly {
    readonly name: string;
    readonly type: string;
    readonly description: string;
    readonly hidden?: boolean;
  }[];
};

/** Gets rows in batches; the next batch comes once it has settled. */
export type TakeRows = (lines: readonly string[]) => Promise<void>;

/** Events that are to be shown as they arrive. */
export interface Tail {
  /** A SELECT over one event table. */
  readonly sql: string;
  /** Aborting it ends the tail. */
  readonly signal: AbortSignal;
  readonly onRows: TakeRows;
  /** Events that left their table, or were skipped, before they could be shown. */
  readonly onMissed: (events: number) => Promise<void>;
  /** The daemon went away, and is waited for. */
  readonly onLost: () => Promise<void>;
  /** It is back. */
  readonly onFound: () => Promise<void>;
}

/** Where the shell and the commands send their SQL. */
export interface QuerySource {
  /** For messages: a path, a URL, or what else it is. */
  readonly address: string;
  /** Hands over the rows, one JSON object a string, and answers how it went. An error of `take`
   * cancels the query and is passed on. */
  query(question: Question, take: TakeRows): Promise<AnswerOutcome>;
  /** Follows events until the signal; throws when they cannot be followed. */
  follow(tail: Tail): Promise<void>;
  tables(): Promise<readonly TableInfo[]>;
  close(): Promise<void>;
}
