import type { QueryLimits } from "../config/query_limits.js";
import type { EventWindow, ResultFormat } from "../native/connection.js";
import type { QueryRunner } from "../sql/query.js";
import { QueryFailure } from "./query_failure.js";
import { readRawRows } from "./row_lines.js";

export interface CollectRequest {
  readonly name: string;
  readonly sql: string;
  readonly format: ResultFormat;
  readonly limits: QueryLimits;
  readonly windows?: Readonly<Record<string, EventWindow>>;
}

/** Runs a query to its end. Throws QueryFailure when its result is not whole. */
export async function collectRows(runner: QueryRunner, request: CollectRequest): Promise<Buffer[]> {
  const { name, sql, format, limits, windows } = request;
  const running = runner.run({
    sql,
    format,
    limits,
    origin: `schedule:${name}`,
    role: "schedule",
    ...(windows === undefined ? {} : { windows }),
  });
  const rows = await readRawRows(running.output);
  const { error, truncatedBy } = await running.outcome;
  if (error !== null) throw new QueryFailure(error);
  if (truncatedBy !== null) {
    throw new QueryFailure({
      code: "result_truncated",
      message: `the result exceeds the limit of ${truncatedBy}; raise auditql.limits.scheduled.max_${truncatedBy}`,
    });
  }
  return rows;
}
