import type { QueryError } from "../native/connection.js";

/** A scheduled query that did not give a whole result. */
export class QueryFailure extends Error {
  override readonly name = "QueryFailure";
  readonly code: string;

  constructor(error: QueryError) {
    super(error.message);
    this.code = error.code;
  }

  /** Whether the query had to be killed or ended its worker, which denylists it. */
  get wasKilled(): boolean {
    return ["query_timeout", "query_memory", "query_cpu", "worker_died"].includes(this.code);
  }
}
