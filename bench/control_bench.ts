import { join } from "node:path";
import { WorkerPool } from "../src/sql/worker_pool.js";
import { BenchDaemon } from "./bench_daemon.js";
import { measureCancels } from "./cancels.js";
import { figure, markdownTable } from "./markdown_table.js";
import { runProgram } from "./native_programs.js";
import { withScratchDirectory } from "./scratch_directory.js";
import { poolRequest } from "./sql_contenders.js";

const rows = 500_000;
const queries = 1000;
const lookup = "SELECT path FROM EVENTS WHERE pid = ?";
/** As bench/store/process_rows.h counts them. */
const firstPid = 1000;

/** How soon a query ends that is cancelled, and whether many at once are all answered. */
export async function benchControl(): Promise<void> {
  console.log("\n## control");
  await withScratchDirectory(async (home) => {
    await runProgram("fill_store", [join(home, "state"), `${rows}`]);
    await measureCancels(home);
    const lines = [
      ["workers' pipes", ...(await lookUpInPool(join(home, "state")))],
      ["HTTP, one connection each", ...(await lookUpOverHttp(home))],
    ];
    console.log(`\n${queries.toLocaleString("en-US")} lookups of a pid at once\n`);
    console.log(markdownTable(["", "answered", "failed", "seconds"], lines));
  });
}

/** Rows of table cells: how many were answered, how many were not, and the time of all. */
async function timeLookups(look: (pid: number) => Promise<number>): Promise<string[]> {
  const start = performance.now();
  const settled = await Promise.allSettled(
    Array.from({ length: queries }, (_, call) => look(firstPid + call)),
  );
  const seconds = (performance.now() - start) / 1000;
  const answered = settled.filter((each) => each.status === "fulfilled" && each.value > 0).length;
  return [figure(answered), figure(queries - answered), figure(seconds)];
}

async function lookUpInPool(stateDirectory: string): Promise<string[]> {
  const counter = () => ({ add: () => {}, set: () => {}, get: () => 0 });
  const pool = new WorkerPool({ store: { directory: stateDirectory, fd: null }, counter });
  const taken = await timeLookups(async (pid) => {
    const query = { title: "pid = ?", sql: lookup, parameters: () => [pid] };
    const running = pool.run(poolRequest(query, pid));
    let bytes = 0;
    for await (const part of running.output) bytes += part.length;
    const { error } = await running.outcome;
    return error === null ? bytes : 0;
  });
  await pool.close();
  return taken;
}

async function lookUpOverHttp(home: string): Promise<string[]> {
  const daemon = await BenchDaemon.start(home);
  try {
    return await timeLookups((pid) =>
      daemon.query(lookup.replace("EVENTS", "process_events").replace("?", `${pid}`)),
    );
  } finally {
    await daemon.stop();
  }
}
