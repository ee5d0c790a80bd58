import { join } from "node:path";
import Database from "better-sqlite3";
import { median, medianRatio } from "./alternate.js";
import type { BenchOptions } from "./bench_options.js";
import { figure, markdownTable, times } from "./markdown_table.js";
import { numberOf, runProgram } from "./native_programs.js";
import { withScratchDirectory } from "./scratch_directory.js";
import { createIndexes } from "./sqlite_rows.js";

const roundCount = 3;
/** Rows that better-sqlite3 inserts; they are held as JavaScript arrays meanwhile. */
const jsRows = 100_000;
const rowsPerTransaction = 1000;

interface Insertion {
  readonly rowsPerSecond: number[];
  readonly rowsPerCpuSecond: number[];
}

/** Rows a second that one thread inserts, into the event store and into others. */
export async function benchStore(options: BenchOptions): Promise<void> {
  const rounds = Math.min(options.rounds, roundCount);
  const insertions = new Map<string, Insertion>();
  await withScratchDirectory(async (directory) => {
    const file = join(directory, "rows.db");
    await runProgram("fill_store", [directory, `${jsRows}`, file]);
    const rows = readRows(file);
    for (let round = 0; round < rounds; round++) {
      for (const each of await runProgram("insert_rows", [directory, `${options.rows}`, "1"])) {
        note(insertions, String(each["contender"]), {
          rows: numberOf(each, "rows"),
          seconds: numberOf(each, "seconds"),
          cpuSeconds: numberOf(each, "cpuSeconds"),
        });
      }
      note(insertions, "better-sqlite3 :memory:", insertRows(":memory:", file, rows));
      note(insertions, "better-sqlite3 WAL", insertRows(join(directory, "wal.db"), file, rows));
    }
  });
  print(insertions, options.rows);
}

interface Taken {
  readonly rows: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

function note(insertions: Map<string, Insertion>, name: string, taken: Taken): void {
  const found = insertions.get(name) ?? { rowsPerSecond: [], rowsPerCpuSecond: [] };
  found.rowsPerSecond.push(taken.rows / taken.seconds);
  found.rowsPerCpuSecond.push(taken.rows / taken.cpuSeconds);
  insertions.set(name, found);
}

function readRows(file: string): readonly (readonly unknown[])[] {
  const database = new Database(file, { readonly: true });
  const rows = database.prepare<[], unknown[]>("SELECT * FROM process_rows").raw().all();
  database.close();
  return rows;
}

/** Prepared INSERTs into a new database, with the two indexes. */
function insertRows(path: string, like: string, rows: readonly (readonly unknown[])[]): Taken {
  const database = new Database(path);
  database.pragma("journal_mode = WAL");
  database.exec("DROP TABLE IF EXISTS process_rows");
  database.exec(tableDefinition(like));
  createIndexes(database);
  const places = Array(rows[0]?.length ?? 0)
    .fill("?")
    .join(", ");
  const insert = database.prepare(`INSERT INTO process_rows VALUES (${places})`);
  const cpu = process.cpuUsage();
  const start = performance.now();
  for (let at = 0; at < rows.length; at += rowsPerTransaction) {
    database.exec("BEGIN");
    for (const row of rows.slice(at, at + rowsPerTransaction)) insert.run(...row);
    database.exec("COMMIT");
  }
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  database.close();
  return { rows: rows.length, seconds, cpuSeconds: (user + system) / 1e6 };
}

function tableDefinition(file: string): string {
  const database = new Database(file, { readonly: true });
  const sql = database.prepare("SELECT sql FROM sqlite_master WHERE name = 'process_rows'").pluck();
  const definition = String(sql.get());
  database.close();
  return definition;
}

function print(insertions: ReadonlyMap<string, Insertion>, rows: number): void {
  const memory = insertions.get("SQLite :memory:, native")?.rowsPerSecond ?? [];
  const lines = [...insertions].map(([name, { rowsPerSecond, rowsPerCpuSecond }]) => [
    name,
    figure(median(rowsPerSecond)),
    figure(median(rowsPerCpuSecond)),
    times(medianRatio(rowsPerSecond, memory)),
  ]);
  console.log(
    `\n## store\n\nInserting ${rows.toLocaleString("en-US")} process_events rows` +
      ` (better-sqlite3: ${jsRows.toLocaleString("en-US")}), one thread\n`,
  );
  const head = ["", "rows/s", "rows/s of CPU time", "of SQLite :memory:, native"];
  console.log(markdownTable(head, lines));
}
