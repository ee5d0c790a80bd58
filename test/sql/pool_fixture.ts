import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { QueryLimits } from "../../src/config/query_limits.js";
import { addonPath, loadAddon } from "../../src/native/addon.js";
import type { Counter, CounterKey, Engine } from "../../src/native/engine.js";
import { eventTableNames } from "../../src/schedule/event_retention.js";
import type { QueryOutcome, QueryRequest, RunningQuery } from "../../src/sql/query.js";
import { WorkerPool, type WorkerPoolOptions } from "../../src/sql/worker_pool.js";

export const skip = existsSync(addonPath) ? false : `the addon is not built: ${addonPath}`;

/** Of queries whose time is not what a test is about: beyond what the busiest host takes. */
export const testLimits: QueryLimits = {
  timeoutMs: 300_000,
  maxRows: 0,
  maxBytes: 0,
  maxMemoryBytes: 512 * 2 ** 20,
};

/** A recursion that has no end and no rows until it has one. */
export const endlessQuery =
  "with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n";

/** One call of a function that compares for minutes and is asked nothing meanwhile. */
export const uninterruptible =
  "select printf('%.*c', 30000000, 'a') like '%' || printf('%.*c', 4000, 'a') || 'b' as x";

/** A statement that takes SQLite minutes to prepare. */
export const unpreparable = chainOfCommonTables(30_000);

/** Each is looked up by name among all: the time grows with the square of their number. */
function chainOfCommonTables(length: number): string {
  const following = Array.from({ length }, (_, i) => `, c${i + 1} as (select x from c${i})`);
  return `with c0(x) as (select 1)${following.join("")} select * from c${length}`;
}

export function request(sql: string, more: Partial<QueryRequest> = {}): QueryRequest {
  return { sql, format: "ndjson", limits: testLimits, origin: "test", role: "admin", ...more };
}

/** A pool over the real addon, with an engine of its own. */
export class PoolFixture {
  readonly pool: WorkerPool;
  readonly engine: Engine;
  readonly #directory = mkdtempSync(join(tmpdir(), "auditql-pool-"));

  constructor(options: Partial<WorkerPoolOptions> = {}) {
    // Recorded events are older than any expiry.
    const limits = { maxRows: 1000, expirySeconds: 0, maxBytes: 0 };
    this.engine = loadAddon().openEngine({
      stateDirectory: this.#directory,
      limits: Object.fromEntries(eventTableNames.map((table) => [table, limits])),
    });
    this.pool = new WorkerPool({
      store: this.engine.storeLocation(),
      counter: (key: CounterKey): Counter => this.engine.counter(key),
      // However busy the host is.
      startMs: testLimits.timeoutMs,
      ...options,
    });
  }

  count(metric: string, name = "adhoc"): number {
    return this.engine.counter({ stage: "sql", name, metric }).get();
  }

  async close(): Promise<void> {
    await this.pool.close();
    this.engine.close();
    rmSync(this.#directory, { recursive: true });
  }
}

/** Runs a test body with a pool that is closed in any case. */
export async function withPool(
  options: Partial<WorkerPoolOptions>,
  use: (fixture: PoolFixture) => Promise<void>,
): Promise<void> {
  const fixture = new PoolFixture(options);
  try {
    await use(fixture);
  } finally {
    await fixture.close();
  }
}

export interface Result {
  readonly text: string;
  readonly outcome: QueryOutcome;
}

/** Reads a query to its end. */
export async function resultOf(query: RunningQuery): Promise<Result> {
  const chunks: Buffer[] = [];
  for await (const chunk of query.output) chunks.push(chunk);
  return { text: Buffer.concat(chunks).toString("utf8"), outcome: await query.outcome };
}
