/** Declaration of one column, as in schemas/tables/. */
export interface ColumnSchema {
  readonly name: string;
  readonly type: "TEXT" | "INTEGER" | "BIGINT" | "UNSIGNED_BIGINT" | "DOUBLE" | "DATETIME" | "BLOB";
  readonly description: string;
  /** osquery's INDEX: the table can look up `=` on it. */
  readonly index?: boolean;
  /** A query without a constraint on one of these is refused. */
  readonly required?: boolean;
  /** Constraints on it change what the table returns. */
  readonly additional?: boolean;
  /** `IN (…)` is handed over all at once. */
  readonly optimized?: boolean;
  readonly hidden?: boolean;
  readonly collation?: string;
  readonly aliases?: readonly string[];
  /** Column of another platform's osquery: hidden, and never has a value. */
  readonly otherPlatform?: boolean;
  /** `=` and IN on it choose what is read; without them the table reads a default. */
  readonly scope?: boolean;
  /** LIKE and GLOB on it are looked up, as paths on the disk. */
  readonly patterns?: boolean;
  /** auditql's own column of one of osquery's tables. */
  readonly own?: boolean;
  /** Text of osquery's: empty where there is no value, and never NULL. Generated. */
  readonly filled?: boolean;
}

/** Declaration of one table, as in schemas/tables/. */
export interface TableSchema {
  readonly name: string;
  readonly kind: "event" | "state" | "health" | "view";
  readonly description: string;
  /** osquery does not have the table, and never had. */
  readonly own?: boolean;
  /** When osquery removed the table: `in VERSION` or `after VERSION`. */
  readonly removed?: string;
  /** The table to query instead of a removed one. */
  readonly instead?: string;
  readonly attributes: readonly string[];
  /** Further names of the table, for osquery's table aliases. */
  readonly aliases: readonly string[];
  readonly examples: readonly string[];
  /** CREATE TABLE statement for sqlite3_declare_vtab(). */
  readonly sql: string;
  /** The query that a view stands for. */
  readonly select?: string;
  readonly columns: readonly ColumnSchema[];
}
