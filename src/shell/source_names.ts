import { queryAll } from "../client/query_all.js";
import type { QuerySource, TableInfo } from "../client/query_source.js";
import { readCells } from "../client/row_cells.js";
import { functionListStatement, isOfferedFunction } from "../sql/function_list.js";
import type { KnownNames } from "./highlight_sql.js";

/** What a source has names for; asked for once. */
export class SourceNames {
  readonly #source: QuerySource;
  #tables: readonly TableInfo[] | null = null;
  #known: KnownNames = { tables: new Set(), functions: new Set() };

  constructor(source: QuerySource) {
    this.#source = source;
  }

  /** Those that were asked for already. */
  get known(): KnownNames {
    return this.#known;
  }

  async tables(): Promise<readonly TableInfo[]> {
    if (this.#tables === null) {
      this.#tables = await this.#source.tables();
      const names = this.#tables.map((table) => table.name);
      this.#known = { ...this.#known, tables: new Set(names) };
    }
    return this.#tables;
  }

  /** Names of SQL functions. */
  async functions(): Promise<readonly string[]> {
    if (this.#known.functions.size === 0) {
      // Beside what the user runs, so that Ctrl-C is not about it.
      const { signal } = new AbortController();
      const { rows } = await queryAll(this.#source, { sql: functionListStatement, signal });
      const names = rows.flatMap((row) => readCells(row)[0]?.text ?? []);
      const functions = new Set(names.filter(isOfferedFunction));
      this.#known = { ...this.#known, functions };
    }
    return [...this.#known.functions];
  }
}
