import { join } from "node:path";
import { BenchDaemon } from "./bench_daemon.js";
import { figure, markdownTable } from "./markdown_table.js";
import { runProgram } from "./native_programs.js";
import { withScratchDirectory } from "./scratch_directory.js";
import { benchQueries } from "./sql_queries.js";

const rowCount = 500_000;

/** Resident memory of the daemon and its workers, without events and with many. */
export async function measureResidentMemory(): Promise<void> {
  const lines: string[][] = [];
  for (const rows of [0, rowCount]) {
    await withScratchDirectory(async (home) => {
      if (rows > 0) await runProgram("fill_store", [join(home, "state"), `${rows}`]);
      const daemon = await BenchDaemon.start(home);
      try {
        lines.push(memoryLine(`${figure(rows)} rows, idle`, daemon));
        if (rows === 0) return;
        for (const query of benchQueries(rows)) {
          // Parameters stay NULL: what counts is that everything is read, which others do.
          await daemon.query(query.sql.replace("EVENTS", "process_events").replaceAll("?", "NULL"));
        }
        lines.push(memoryLine(`${figure(rows)} rows, after each query`, daemon));
      } finally {
        await daemon.stop();
      }
    });
  }
  console.log("\nResident memory of all processes of the daemon (Pss)\n");
  console.log(markdownTable(["", "processes", "MB"], lines));
}

function memoryLine(title: string, daemon: BenchDaemon): string[] {
  const { total, processes } = daemon.residentBytes();
  return [title, `${processes}`, figure(total / 1e6)];
}
