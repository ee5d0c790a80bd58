import type { Watchdog } from "../config/config.js";
import type { QueryLimits } from "../config/query_limits.js";
import type { StatementInfo } from "../native/connection.js";
import type { QueryRequest, QueryRunner, ResourceUsage, RunningQuery } from "../sql/query.js";

const nothing: ResourceUsage = { userMs: 0, systemMs: 0, memoryBytes: 0 };

/** Runs the queries of one scheduled run under the watchdog's limits and adds up what they took. */
export class WatchedRunner implements QueryRunner {
  readonly #runner: QueryRunner;
  readonly #watchdog: Watchdog | null;
  readonly #usages: Promise<ResourceUsage>[] = [];
  readonly #warnings = new Set<string>();

  /** `watchdog` is null while it does not hold. */
  constructor(runner: QueryRunner, watchdog: Watchdog | null) {
    this.#runner = runner;
    this.#watchdog = watchdog;
  }

  run(request: QueryRequest): RunningQuery {
    const running = this.#runner.run({ ...request, limits: this.#limits(request.limits) });
    this.#usages.push(
      running.outcome.then(({ usage, warnings }) => {
        for (const warning of warnings) this.#warnings.add(warning);
        return usage ?? nothing;
      }),
    );
    return running;
  }

  /** Of all queries of the run, once they have ended; memory is that of the heaviest. */
  async usage(): Promise<ResourceUsage> {
    const usages = await Promise.all(this.#usages);
    return usages.reduce(
      (sum, { userMs, systemMs, memoryBytes }) => ({
        userMs: sum.userMs + userMs,
        systemMs: sum.systemMs + systemMs,
        memoryBytes: Math.max(sum.memoryBytes, memoryBytes),
      }),
      nothing,
    );
  }

  /** What tables say of rows that they leave out; whole once usage() has settled. */
  warnings(): ReadonlySet<string> {
    return this.#warnings;
  }

  #limits(limits: QueryLimits): QueryLimits {
    if (this.#watchdog === null) return limits;
    const { memoryBytes, cpu } = this.#watchdog;
    return { ...limits, cpu, maxMemoryBytes: Math.min(limits.maxMemoryBytes, memoryBytes) };
  }

  inspect(sql: string): Promise<StatementInfo> {
    return this.#runner.inspect(sql);
  }

  running(): readonly RunningQuery[] {
    return this.#runner.running();
  }

  cancel(id: string): boolean {
    return this.#runner.cancel(id);
  }

  async close(): Promise<void> {
    await this.#runner.close();
  }
}
