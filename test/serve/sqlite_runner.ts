import { setImmediate as nextTurn } from "node:timers/promises";
import Database from "better-sqlite3";
import type { QueryOutcome } from "../../src/native/addon.js";
import type { QueryRequest, QueryRunner, RunningQuery } from "../../src/sql/query.js";

/** A QueryRunner over an in-memory SQLite of this process, for statements that yield rows often. */
export function createSqliteRunner(): QueryRunner {
  const database = new Database(":memory:");
  const queries = new Map<string, RunningQuery>();
  let last = 0;
  return {
    run(request) {
      last += 1;
      const query = startQuery(database, request, String(last));
      queries.set(query.id, query);
      void query.outcome.then(() => queries.delete(query.id));
      return query;
    },
    inspect: async (sql) => ({
      columns: database
        .prepare(sql)
        .columns()
        .map((column) => column.name),
      eventTables: [],
      parameterCount: 0,
    }),
    running: () => [...queries.values()],
    cancel(id) {
      queries.get(id)?.cancel();
      return queries.has(id);
    },
    async close() {
      for (const query of queries.values()) query.cancel();
      while (queries.size > 0) await nextTurn();
      database.close();
    },
  };
}

function startQuery(database: Database.Database, request: QueryRequest, id: string): RunningQuery {
  const stop = new AbortController();
  const { promise, resolve } = withResolvers<QueryOutcome>();
  return {
    id,
    request,
    startedAt: Date.now(),
    output: stepRows({ database, request, signal: stop.signal, settle: resolve }),
    outcome: promise,
    cancel: () => stop.abort(),
  };
}

interface Stepping {
  readonly database: Database.Database;
  readonly request: QueryRequest;
  readonly signal: AbortSignal;
  readonly settle: (outcome: QueryOutcome) => void;
}

async function* stepRows(stepping: Stepping): AsyncGenerator<Buffer> {
  const { request, settle } = stepping;
  const startedAt = Date.now();
  const outcome = { columns: [] as string[], rows: 0, bytes: 0 };
  const finish = (truncatedBy: QueryOutcome["truncatedBy"], error: QueryOutcome["error"]) =>
    settle({
      ...outcome,
      elapsedMs: Date.now() - startedAt,
      truncatedBy,
      evictedRows: 0,
      eventTables: [],
      error,
    });
  try {
    const statement = stepping.database.prepare(request.sql).raw();
    outcome.columns = statement.columns().map((column) => column.name);
    for (const row of statement.iterate(...[request.parameters ?? []])) {
      if (outcome.rows >= request.limits.maxRows) return finish("rows", null);
      if (Date.now() - startedAt > request.limits.timeoutMs) {
        return finish(null, { code: "query_timeout", message: "interrupted" });
      }
      const text = Buffer.from(formatRow(outcome.columns, row as unknown[], request.format));
      outcome.rows += 1;
      outcome.bytes += text.length;
      yield text;
      await nextTurn();
      if (stepping.signal.aborted) {
        return finish(null, { code: "query_cancelled", message: "cancelled" });
      }
    }
    finish(null, null);
  } catch (error) {
    finish(null, { code: "sql_error", message: String((error as Error).message) });
  }
}

function formatRow(columns: readonly string[], row: readonly unknown[], format: string): string {
  if (format === "csv") return `${row.join(",")}\n`;
  return `${JSON.stringify(Object.fromEntries(columns.map((name, at) => [name, row[at]])))}\n`;
}

function withResolvers<T>() {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
