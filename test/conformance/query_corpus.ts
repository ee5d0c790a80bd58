import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { QueryLimits } from "../../src/config/query_limits.js";
import { messageOf } from "../../src/errors.js";
import type { QueryRunner } from "../../src/sql/query.js";
import { tableSchemas } from "../../src/tables/generated/table_schemas.js";
import type { TableSchema } from "../../src/tables/table_schema.js";
import { sourcesOfTables } from "./table_sources.js";

/** A scheduled query that people run. */
export interface CorpusQuery {
  readonly source: string;
  readonly name: string;
  readonly query: string;
  readonly tables: readonly string[];
}

/** How one query of the corpus fared on this host. */
export interface QueryReport {
  readonly name: string;
  /** Why it could not be prepared, or did not run to its end; null when it did. */
  readonly error: string | null;
  readonly rows: number;
  readonly elapsedMs: number;
  /** Tables of the query without a row on this host, and why. */
  readonly emptyTables: readonly string[];
}

/** Path of the queries, which are not part of the project; null where they are not. */
export function corpusPath(): string | null {
  const folder = process.env["AUDITQL_CORPUS"] ?? join(process.cwd(), "../shared/corpus");
  const path = join(folder, "queries/queries.jsonl");
  return existsSync(path) ? path : null;
}

export function readCorpus(path: string): readonly CorpusQuery[] {
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line): CorpusQuery => JSON.parse(line));
}

const limits: QueryLimits = {
  timeoutMs: 120_000,
  maxRows: 0,
  maxBytes: 64 * 2 ** 20,
  maxMemoryBytes: 512 * 2 ** 20,
};

/** Tables of queries that auditql does not have, with the number of queries that want them. */
export function missingTables(queries: readonly CorpusQuery[]): ReadonlyMap<string, number> {
  const missing = new Map<string, number>();
  for (const table of queries.flatMap(({ tables }) => tables)) {
    if (Object.hasOwn(tableSchemas, table)) continue;
    missing.set(table, (missing.get(table) ?? 0) + 1);
  }
  return missing;
}

/** Prepares and runs every query, one after the other, as the schedule would. */
export async function* runCorpus(
  runner: QueryRunner,
  queries: readonly CorpusQuery[],
): AsyncGenerator<QueryReport> {
  const emptiness = new Map<string, string | null>();
  for (const { name, source, query, tables } of queries) {
    const report = await runQuery(runner, query);
    const emptyTables: string[] = [];
    for (const table of tables) {
      if (!emptiness.has(table)) emptiness.set(table, await whyEmpty(runner, table));
      const reason = emptiness.get(table) ?? null;
      if (reason !== null) emptyTables.push(`${table} (${reason})`);
    }
    yield { name: `${source}:${name}`, ...report, emptyTables };
  }
}

async function runQuery(
  runner: QueryRunner,
  sql: string,
): Promise<Pick<QueryReport, "error" | "rows" | "elapsedMs">> {
  const started = performance.now();
  const elapsed = () => Math.round(performance.now() - started);
  try {
    await runner.inspect(sql);
  } catch (cause) {
    const reason = messageOf(cause);
    return { error: `not prepared: ${reason}`, rows: 0, elapsedMs: elapsed() };
  }
  const running = runner.run({
    sql,
    format: "osquery",
    limits,
    origin: "schedule:corpus",
    role: "schedule",
  });
  for await (const chunk of running.output) void chunk;
  const { error, rows, truncatedBy } = await running.outcome;
  const cut = truncatedBy === null ? null : `cut short by the limit of ${truncatedBy}`;
  return { error: error?.message ?? cut, rows, elapsedMs: elapsed() };
}

/** Null when the table has rows, does not exist, or can only be asked for certain rows. */
async function whyEmpty(runner: QueryRunner, table: string): Promise<string | null> {
  const schema = Object.values<TableSchema>(tableSchemas).find(({ name }) => name === table);
  if (schema === undefined || schema.columns.some(({ required }) => required === true)) return null;
  const running = runner.run({
    sql: `select 1 from "${table}" limit 1`,
    format: "ndjson",
    limits,
    origin: "schedule:corpus",
    role: "schedule",
  });
  for await (const chunk of running.output) void chunk;
  const { error, rows } = await running.outcome;
  if (error !== null || rows > 0) return null;
  if (schema.kind === "event") return "nothing is captured";
  const paths = sourcesOfTables[table] ?? [];
  const isAbsent = paths.length > 0 && paths.every((path) => !existsSync(path));
  return isAbsent ? `absent: ${paths.join(", ")}` : "no rows on this host";
}
