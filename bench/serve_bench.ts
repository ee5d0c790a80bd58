import { join } from "node:path";
import { median } from "./alternate.js";
import { type Answer, BenchDaemon } from "./bench_daemon.js";
import type { BenchOptions } from "./bench_options.js";
import { figure, markdownTable } from "./markdown_table.js";
import { runProgram } from "./native_programs.js";
import { withScratchDirectory } from "./scratch_directory.js";

const streamedRows = [10_000, 100_000, 1_000_000];
const sampleMs = 50;

const firstRows = [
  "select * from process_events",
  "select time, pid, path, cmdline from process_events where event_action = 'exec'",
  "select * from process_events order by eid desc",
];

/** The HTTP API over a large table: how soon rows come, what a long answer takes, the page. */
export async function benchServe({ rows, rounds }: BenchOptions): Promise<void> {
  await withScratchDirectory(async (home) => {
    await runProgram("fill_store", [join(home, "state"), `${rows}`]);
    const daemon = await BenchDaemon.start(home);
    try {
      console.log(`\n## serve\n\nover ${figure(rows)} rows of process_events, on the unix socket`);
      await printFirstRows(daemon, rounds);
      await printStreams(daemon, rows);
      await printPage(daemon);
    } finally {
      await daemon.stop();
    }
  });
}

async function printFirstRows(daemon: BenchDaemon, rounds: number): Promise<void> {
  const lines: string[][] = [];
  for (const sql of firstRows) {
    // The first starts a worker: what someone waits for who has asked nothing for a while.
    const taken: number[] = [];
    for (let round = 0; round <= rounds * 4; round += 1) {
      taken.push((await daemon.stream(sql, { isCutOff: true })).firstByteMs);
    }
    const [first = 0, ...warm] = taken;
    lines.push([sql, figure(first), figure(median(warm)), figure(Math.max(...warm))]);
  }
  console.log("\nmilliseconds to the first row, as NDJSON\n");
  console.log(markdownTable(["", "first", "median", "slowest"], lines));
}

/** Memory must not depend on the length of the answer. */
async function printStreams(daemon: BenchDaemon, rows: number): Promise<void> {
  const lines: string[][] = [];
  for (const limit of streamedRows.filter((each) => each <= rows)) {
    const sql = `select * from process_events limit ${limit}`;
    // Once before: what a first query grows to is not the stream's.
    await daemon.stream(sql);
    const before = daemon.residentBytes().private;
    let most = before;
    const sampler = setInterval(() => {
      most = Math.max(most, daemon.residentBytes().private);
    }, sampleMs);
    const startedAt = performance.now();
    const { bytes } = await daemon.stream(sql);
    const ms = performance.now() - startedAt;
    clearInterval(sampler);
    const growth = (most - before) / 1e6;
    lines.push([figure(limit), figure(bytes / 1e6), figure(ms), growth.toFixed(1)]);
  }
  console.log("\nNDJSON streams; growth of the private memory of daemon and worker meanwhile\n");
  console.log(markdownTable(["rows", "MB", "ms", "growth, MB"], lines));
}

async function printPage(daemon: BenchDaemon): Promise<void> {
  const files = ["/", "/page/page.js", "/page/page.css", "/page/icon.svg"];
  const sent: Answer[] = [];
  for (const path of files) sent.push(await daemon.fetchPage(path));
  const bytes = sent.reduce((sum, answer) => sum + answer.bytes, 0);
  console.log(`\nthe page, compressed: ${figure(bytes / 1000)} kB in ${files.length} files`);
}
