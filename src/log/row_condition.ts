import Database from "better-sqlite3";
import { isLosslessNumber } from "lossless-json";
import { quotedName } from "../util/sql_tokens.js";

/** A row of a result line. */
export type Columns = Readonly<Record<string, unknown>>;

type Statement = Database.Statement<unknown[], unknown>;

/** What is known of rows of one shape: how to put one in, and how to ask. */
interface Shape {
  readonly insert: Statement;
  readonly select: Statement;
}

const maxShapes = 64;
/** Columns that a condition may name and a row not have. */
const maxAbsent = 64;

/**
 * An SQL condition on rows, as in WHERE. Columns that a row does not have are NULL; text that is a
 * number compares as a number, because osquery's lines hold all values as text.
 */
export class RowCondition {
  readonly #database = new Database(":memory:");
  readonly #expression: string;
  readonly #shapes = new Map<string, Shape>();

  /** Throws when the condition is no SQL expression. */
  constructor(expression: string) {
    // It is evaluated in the daemon, for each row: it must end at once.
    if (/\bselect\b/i.test(expression.replace(/'[^']*'/g, ""))) {
      throw new Error("a condition cannot contain a subquery");
    }
    this.#expression = expression;
    this.#shapeOf([]);
  }

  holds(row: Columns): boolean {
    const names = columnNames(row);
    const { insert, select } = this.#shapeOf(names);
    insert.run(...names.map((name) => sqlValue(row[name])));
    try {
      return select.get() !== undefined;
    } catch {
      // Some values overflow some functions; a row that cannot be judged is not lost.
      return true;
    }
  }

  #shapeOf(names: readonly string[]): Shape {
    const key = names.join("\0");
    const known = this.#shapes.get(key);
    if (known !== undefined) return known;
    if (this.#shapes.size >= maxShapes) {
      this.#shapes.clear();
      this.#database.exec(
        this.#tables()
          .map((table) => `DROP TABLE ${table};`)
          .join(""),
      );
    }
    const shape = this.#prepare(`row_${this.#tables().length}`, names);
    this.#shapes.set(key, shape);
    return shape;
  }

  #tables(): string[] {
    return this.#database
      .prepare<[], { name: string }>("SELECT name FROM sqlite_schema")
      .all()
      .map(({ name }) => name);
  }

  /** Names of absent columns are learned from SQLite's complaints about them. */
  #prepare(table: string, names: readonly string[]): Shape {
    const columns = names.map((name) => `${quotedName(name)} NUMERIC`);
    this.#database.exec(`CREATE TABLE ${table} (${['"" NUMERIC', ...columns].join(", ")})`);
    for (let tries = 0; ; tries++) {
      try {
        const select = this.#database.prepare(
          `SELECT 1 FROM ${table} WHERE rowid = 1 AND (${this.#expression}\n)`,
        );
        const places = ["rowid", ...names.map(quotedName)];
        const marks = ["1", ...names.map(() => "?")];
        const insert = this.#database.prepare(
          `INSERT OR REPLACE INTO ${table} (${places.join(", ")}) VALUES (${marks.join(", ")})`,
        );
        return { insert, select };
      } catch (error) {
        const absent = /^no such column: (.+)$/s.exec(error instanceof Error ? error.message : "");
        if (absent?.[1] === undefined || tries >= maxAbsent) throw error;
        this.#database.exec(`ALTER TABLE ${table} ADD COLUMN ${quotedName(absent[1])}`);
      }
    }
  }
}

/** SQLite has one column `Path` or `path`, not both. */
function columnNames(row: Columns): string[] {
  const seen = new Set([""]);
  return Object.keys(row).filter((name) => {
    const key = name.toLowerCase();
    return !seen.has(key) && seen.add(key);
  });
}

function sqlValue(value: unknown): string | number | bigint | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "string" || typeof value === "number") return value;
  if (typeof value === "bigint") return fitsInteger(value) ? value : String(value);
  return isLosslessNumber(value) ? value.value : JSON.stringify(value);
}

const fitsInteger = (value: bigint) => BigInt.asIntN(64, value) === value;
