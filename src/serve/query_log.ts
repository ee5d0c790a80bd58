import { LRUCache } from "lru-cache";
import type { Logger } from "pino";
import type { QueryOutcome, QueryRequest } from "../sql/query.js";
import type { Requester } from "./auth/caller.js";

/** How long the same query of the same caller is counted instead of logged again. */
const quietMs = 60_000;
/** Statements whose repetitions are counted; of others each run is logged. */
const maxStatements = 1000;
/** Longer statements are logged each time: they are not what a page polls. */
const maxKeyCharacters = 8192;

interface Logged {
  readonly at: number;
  repeats: number;
  readonly write: (repeats: number) => void;
}

/**
 * The record of who asked what. A query that a caller repeats (a page that is open does) has one line
 * a minute, which counts the others: a log full of polls hides what matters.
 */
export class QueryLog {
  readonly #logger: Logger;
  readonly #now: () => number;
  readonly #logged: LRUCache<string, Logged>;

  constructor(logger: Logger, now: () => number = () => performance.now()) {
    this.#logger = logger;
    this.#now = now;
    this.#logged = new LRUCache<string, Logged>({
      max: maxStatements,
      // Repetitions that no line has counted yet are not forgotten with their entry.
      dispose: ({ repeats, write }, _key, reason) => {
        if (repeats > 0 && reason !== "set") write(repeats);
      },
    });
  }

  record(request: QueryRequest, requester: Requester, outcome: QueryOutcome): void {
    const key = keyOf(request, requester, outcome);
    const before = key === null ? undefined : this.#logged.get(key);
    if (before !== undefined && this.#now() - before.at < quietMs) {
      before.repeats += 1;
      return;
    }
    const write = (repeats: number) => this.#write(request, requester, outcome, repeats);
    write(before?.repeats ?? 0);
    if (key !== null) this.#logged.set(key, { at: this.#now(), repeats: 0, write });
  }

  /** Writes what was counted and not told yet. */
  close(): void {
    this.#logged.clear();
  }

  #write(
    request: QueryRequest,
    { caller, peer }: Requester,
    outcome: QueryOutcome,
    repeats: number,
  ): void {
    const result = outcome.error?.code ?? `${outcome.rows} rows`;
    const again = repeats === 0 ? "" : `, repeated ${repeats} times`;
    this.#logger.info(
      { event: "query", caller, peer, repeats, ...auditRecord(request, outcome) },
      `query by ${peer} (${caller}): ${result} in ${Math.round(outcome.elapsedMs)} ms${again}: ${request.sql}`,
    );
  }
}

/** Who asked what, with which end; null for what is logged each time. */
function keyOf(request: QueryRequest, { caller }: Requester, outcome: QueryOutcome): string | null {
  const { sql, parameters = [] } = request;
  if (sql.length > maxKeyCharacters) return null;
  const values = Object.entries(parameters).map(
    ([name, value]) => `${name}=${typeof value}:${value}`,
  );
  const key = JSON.stringify([caller, request.origin, outcome.error?.code ?? "", sql, ...values]);
  return key.length > 2 * maxKeyCharacters ? null : key;
}

/** What the log keeps of every ad-hoc query: who, what, rows and time. */
function auditRecord(request: QueryRequest, outcome: QueryOutcome) {
  return {
    origin: request.origin,
    sql: request.sql,
    rows: outcome.rows,
    bytes: outcome.bytes,
    elapsedMs: outcome.elapsedMs,
    truncatedBy: outcome.truncatedBy,
    error: outcome.error?.code ?? null,
  };
}
