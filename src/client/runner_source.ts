import type { QueryLimits } from "../config/query_limits.js";
import { AuditqlError, toAuditqlError } from "../errors.js";
import type { QueryRunner } from "../sql/query.js";
import { lineBatches } from "./line_batches.js";
import type { QuerySource, TableInfo } from "./query_source.js";

export interface RunnerSourceOptions {
  readonly address: string;
  readonly runner: QueryRunner;
  readonly tables: readonly TableInfo[];
  /** Limits of a question that asks for none. */
  readonly limits: QueryLimits;
}

/** Sends SQL to query workers of this process's own, without a daemon. */
export function createRunnerSource(options: RunnerSourceOptions): QuerySource {
  const { address, runner, tables, limits } = options;
  return {
    address,
    async query({ sql, limits: asked, signal }, take) {
      const query = runner.run({
        sql,
        format: "shell",
        limits: { ...limits, ...asked },
        origin: "shell",
        role: "admin",
      });
      const cancel = () => query.cancel();
      if (signal.aborted) cancel();
      signal.addEventListener("abort", cancel);
      try {
        for await (const lines of lineBatches(query.output)) await take(lines);
      } finally {
        signal.removeEventListener("abort", cancel);
        query.cancel();
        // Whoever closes the runner next must find nothing under way.
        await query.outcome;
      }
      const { error, refusals, ...outcome } = await query.outcome;
      if (error !== null) throw toAuditqlError(error);
      const refusedFiles = (refusals?.protected ?? 0) + (refusals?.private ?? 0);
      return {
        ...outcome,
        refusedFiles,
        types: outcome.types.map((type) => (type === "" ? null : type)),
      };
    },
    async follow() {
      throw new AuditqlError(
        "tail_refused",
        `Cannot follow events at ${address}: this requires a daemon.`,
      );
    },
    tables: async () => tables,
    close: () => runner.close(),
  };
}
