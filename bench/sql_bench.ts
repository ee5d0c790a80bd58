import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import {
  alternate,
  type Contender,
  cpuClock,
  median,
  medianRatio,
  millisecondsOf,
} from "./alternate.js";
import { BenchDaemon } from "./bench_daemon.js";
import type { BenchOptions } from "./bench_options.js";
import { type GrowthPoint, writeGrowthPlot } from "./growth_plot.js";
import { figure, markdownTable, times } from "./markdown_table.js";
import { numberOf, runProgram } from "./native_programs.js";
import { measureResidentMemory } from "./resident_memory.js";
import { withScratchDirectory } from "./scratch_directory.js";
import {
  betterSqliteContender,
  nativeContender,
  poolContender,
  type SqlContender,
} from "./sql_contenders.js";
import { type BenchQuery, benchQueries, fullRead, groupByPath } from "./sql_queries.js";
import { databaseBytes, loadIntoMemory } from "./sqlite_rows.js";

const ownName = "auditql";
const pool = "auditql, worker's pipe";
const sqliteName = "SQLite";
const sqliteNative = "SQLite, written natively";
/** Turns of what takes seconds. */
const roundsOfLarge = 3;
/** So long each contender runs before it is measured: mapped pages are touched, caches filled. */
const warmUpMs = 100;

/** Queries of the event table against the same ones of an indexed in-memory SQLite table. */
export async function benchSql(options: BenchOptions): Promise<void> {
  console.log("\n## sql");
  const points: GrowthPoint[] = [];
  for (const rows of sizes(options)) {
    await withScratchDirectory(async (home) => {
      // Beyond what was asked for it is about growth alone, and takes minutes.
      const rounds = rows > options.rows ? 1 : options.rounds;
      points.push(...(await compareAt(rows, home, { ...options, rounds })));
    });
    // Of what there is so far: the largest may be interrupted.
    if (options.plot !== null) writeGrowthPlot(options.plot, points);
  }
  await measureResidentMemory();
}

function sizes({ rows, full }: BenchOptions): readonly number[] {
  const usual = [rows / 100, rows / 10, rows].map(Math.floor).filter((size) => size >= 1000);
  return full ? [...usual, rows * 5] : usual;
}

async function compareAt(
  rows: number,
  home: string,
  options: BenchOptions,
): Promise<readonly GrowthPoint[]> {
  const { clock } = options;
  const stateDirectory = join(home, "state");
  const file = join(home, "rows.db");
  mkdirSync(stateDirectory);
  const [filled = {}] = await runProgram("fill_store", [stateDirectory, `${rows}`, file]);
  const plain = loadIntoMemory(file);
  const contenders = [
    nativeContender(ownName, new Database(":memory:"), {
      name: "process_events",
      stateDirectory,
      clock,
    }),
    poolContender(pool, stateDirectory),
    betterSqliteContender(sqliteName, plain, clock),
    nativeContender(sqliteNative, loadIntoMemory(file), { name: "process_rows", clock }),
  ];
  rmSync(file);
  console.log(
    `\n${rows.toLocaleString("en-US")} rows, milliseconds${clock === cpuClock ? " of CPU time (the pipe: by the clock)" : ""}\n`,
  );
  const points: GrowthPoint[] = [];
  const lines: string[][] = [];
  for (const query of benchQueries(rows)) {
    const compared = await compare(query, contenders, options.rounds);
    points.push({ rows, query: query.title, ...compared });
    lines.push(compared.line);
  }
  const names = contenders.map(({ name }) => name);
  console.log(markdownTable(["", ...names, "SQLite / auditql"], lines));
  printIndexedGroup(rows, plain, options);
  printBytes(rows, numberOf(filled, "storeBytes"), databaseBytes(plain));
  for (const each of contenders) await each.close();
  await printHttpRead(rows, home, largeRounds(options));
  return points;
}

function largeRounds({ rounds }: Pick<BenchOptions, "rounds">): number {
  return Math.min(rounds, roundsOfLarge);
}

interface Compared {
  readonly ours: number;
  readonly sqlite: number;
  readonly line: string[];
}

/** The faster of the two ways to read SQLite is what auditql is held against. */
async function compare(
  query: BenchQuery,
  contenders: readonly SqlContender[],
  rounds: number,
): Promise<Compared> {
  const able = contenders.flatMap((each) => {
    const measure = each.measure(query);
    return measure === null ? [] : [{ name: each.name, measure }];
  });
  for (const each of able) await warmUp(each);
  const large = query.isLarge === true;
  const taken = await alternate(able, large ? largeRounds({ rounds }) : rounds);
  const of = (name: string) => taken.get(name) ?? [];
  const faster = median(of(sqliteName)) < median(of(sqliteNative)) ? sqliteName : sqliteNative;
  const ratio = medianRatio(of(faster), of(ownName));
  const cells = contenders.map(({ name }) => figure(median(of(name))));
  return {
    ours: median(of(ownName)),
    sqlite: median(of(faster)),
    line: [query.title, ...cells, times(ratio)],
  };
}

async function warmUp({ measure }: Contender): Promise<void> {
  const start = performance.now();
  do await measure();
  while (performance.now() - start < warmUpMs);
}

/** What SQLite makes of the grouping with an index for it, which no other query needs. */
function printIndexedGroup(
  rows: number,
  database: Database.Database,
  { rounds, clock }: BenchOptions,
): void {
  database.exec("CREATE INDEX by_path ON process_rows (path)");
  const query = benchQueries(rows).find(({ title }) => title === groupByPath);
  const statement = database.prepare((query?.sql ?? "").replace("EVENTS", "process_rows")).raw();
  const taken: number[] = [];
  for (let round = 0; round < rounds; round++) {
    taken.push(millisecondsOf(() => void statement.all(), clock));
  }
  database.exec("DROP INDEX by_path");
  console.log(`\n${groupByPath}, SQLite with an index on path: ${figure(median(taken))} ms`);
}

function printBytes(rows: number, store: number, sqlite: number): void {
  const share = figure(store / sqlite);
  console.log(
    `bytes a row: auditql ${figure(store / rows)}, SQLite ${figure(sqlite / rows)}; ${share} of it`,
  );
}

/** The largest result through the daemon's HTTP API. */
async function printHttpRead(rows: number, home: string, rounds: number): Promise<void> {
  const query = benchQueries(rows).find(({ title }) => title === fullRead);
  const daemon = await BenchDaemon.start(home);
  try {
    const taken: number[] = [];
    let bytes = 0;
    for (let round = 0; round < rounds; round++) {
      const start = performance.now();
      bytes = await daemon.query((query?.sql ?? "").replace("EVENTS", "process_events"));
      taken.push(performance.now() - start);
    }
    console.log(`${fullRead}, over HTTP: ${figure(median(taken))} ms, ${figure(bytes / 1e6)} MB`);
  } finally {
    await daemon.stop();
  }
}
