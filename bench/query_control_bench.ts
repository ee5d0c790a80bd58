import { join } from "node:path";
import { WorkerPool } from "../src/sql/worker_pool.js";
import { median } from "./alternate.js";
import { BenchDaemon } from "./bench_daemon.js";
import { figure, markdownTable } from "./markdown_table.js";
import { runProgram } from "./native_programs.js";
import { withScratchDirectory } from "./scratch_directory.js";
import { poolRequest } from "./sql_contenders.js";

const ROWS = 500_000;
const CANCELS = 20;
const QUERIES = 1000;

/** Queries that would run for hours, by what they spend the time with. */
const ENDLESS: Readonly<Record<string, string>> = {
  recursion: "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n",
  join: "SELECT count(*) FROM process_events a, process_events b WHERE a.path < b.cmdline",
  sorter:
    "SELECT a.eid FROM process_events a, (SELECT 1 UNION ALL SELECT 2) ORDER BY a.cmdline || a.eid",
  rows: "SELECT a.cmdline, b.path FROM process_events a, process_events b",
};

/** How soon a query ends that is cancelled, and whether many at once are all answered. */
export async function measureQueryControl(): Promise<void> {
  await withScratchDirectory(async (home) => {
    await runProgram("fill_store", [join(home, "state"), `${ROWS}`]);
    await measureCancels(home);
    await measureManyQueries(join(home, "state"));
  });
}

async function measureCancels(home: string): Promise<void> {
  const daemon = await BenchDaemon.start(home);
  const lines: string[][] = [];
  try {
    for (const [kind, sql] of Object.entries(ENDLESS)) {
      const taken: number[] = [];
      for (let turn = 0; turn < CANCELS; turn++) taken.push(await daemon.cancelMs(sql));
      lines.push([kind, figure(median(taken)), figure(Math.max(...taken))]);
    }
  } finally {
    await daemon.stop();
  }
  console.log(
    `\nMilliseconds from DELETE /v1/queries/:id to the end of the answer, ${CANCELS} times each, ${ROWS.toLocaleString("en-US")} rows\n`,
  );
  console.log(markdownTable(["", "median", "longest"], lines));
}

async function measureManyQueries(stateDirectory: string): Promise<void> {
  const counter = () => ({ add: () => {}, set: () => {}, get: () => 0 });
  const pool = new WorkerPool({ store: { directory: stateDirectory, fd: null }, counter });
  const start = performance.now();
  const runs = Array.from({ length: QUERIES }, async (_, call) => {
    const query = {
      title: "pid = ?",
      sql: "SELECT path FROM EVENTS WHERE pid = ?",
      parameters: () => [1000 + call],
    };
    const running = pool.run(poolRequest(query, call));
    let bytes = 0;
    for await (const part of running.output) bytes += part.length;
    const { error } = await running.outcome;
    return error === null && bytes > 0;
  });
  const answered = (await Promise.all(runs)).filter(Boolean).length;
  const seconds = (performance.now() - start) / 1000;
  await pool.close();
  console.log(
    `\n${QUERIES.toLocaleString("en-US")} lookups at once: ${answered.toLocaleString("en-US")} answered without error, ${figure(seconds)} s`,
  );
}
