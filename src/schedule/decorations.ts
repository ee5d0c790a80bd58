import type { Decorators, ScheduleConfig } from "../config/config.js";
import { messageOf } from "../errors.js";
import type { QueryRunner } from "../sql/query.js";
import type { Clock } from "./clock.js";
import { collectRows } from "./collect_rows.js";
import type { Troubles } from "./troubles.js";

type Values = Readonly<Record<string, string>>;

export interface DecorationsOptions {
  readonly decorators: Decorators;
  readonly limits: ScheduleConfig["limits"];
  readonly runner: QueryRunner;
  readonly clock: Clock;
  readonly troubles: Troubles;
}

/** Values that are added to each result line, from the first row of decorator queries. */
export class Decorations {
  readonly #options: DecorationsOptions;
  #loaded: Promise<Values> | null = null;
  readonly #byInterval = new Map<number, { readonly until: number; readonly values: Values }>();

  constructor(options: DecorationsOptions) {
    this.#options = options;
  }

  /** Decorations of a run that starts now. */
  async current(): Promise<Values> {
    const { decorators } = this.#options;
    this.#loaded ??= this.#evaluate(decorators.load);
    let values = { ...(await this.#loaded), ...(await this.#evaluate(decorators.always)) };
    for (const { seconds, queries } of decorators.interval) {
      values = { ...values, ...(await this.#cached(seconds, queries)) };
    }
    return values;
  }

  async #cached(seconds: number, queries: readonly string[]): Promise<Values> {
    const now = this.#options.clock.now();
    const present = this.#byInterval.get(seconds);
    if (present !== undefined && now < present.until) return present.values;
    const values = await this.#evaluate(queries);
    this.#byInterval.set(seconds, { until: now + seconds * 1000, values });
    return values;
  }

  async #evaluate(queries: readonly string[]): Promise<Values> {
    let values: Values = {};
    for (const sql of queries) values = { ...values, ...(await this.#firstRow(sql)) };
    return values;
  }

  async #firstRow(sql: string): Promise<Values> {
    const { runner, limits, troubles } = this.#options;
    try {
      const rows = await collectRows(runner, { name: "decorator", sql, format: "osquery", limits });
      troubles.works("decorators", sql, `decorator query "${sql}"`);
      const [first] = rows;
      // Rows of this format are objects whose values are strings.
      return first === undefined ? {} : (JSON.parse(first.toString("utf8")) as Values);
    } catch (error) {
      const cause = messageOf(error);
      const message = `decorator query "${sql}" failed; no decoration added: ${cause}`;
      troubles.failed("decorators", sql, "warn", message);
      return {};
    }
  }
}
