import { closeSync, ftruncateSync, openSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { median } from "./alternate.js";
import { BenchDaemon } from "./bench_daemon.js";
import { timeCancel } from "./cancel_timing.js";
import { figure, markdownTable } from "./markdown_table.js";

const cancels = 20;
const sparseBytes = 2 ** 40;
const counting = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)";
const megabytes = "replace(hex(zeroblob(4000000)), '0', char(97 + i % 26))";

interface Kind {
  readonly sql: string;
  /** Cancelled so long after its start, spread over this range. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** Queries that run for very long, by what they spend the time with. */
function kinds(sparseFile: string): Readonly<Record<string, Kind>> {
  const running = (sql: string): Kind => ({ sql, fromMs: 100, toMs: 500 });
  return {
    recursion: running(`${counting} SELECT max(i) FROM n`),
    join: running(
      "SELECT count(*) FROM process_events a, process_events b WHERE a.path < b.cmdline",
    ),
    "rows to a reader": running("SELECT a.cmdline, b.path FROM process_events a, process_events b"),
    "collecting for a sorter": running(`${counting} SELECT i FROM n ORDER BY -i`),
    sorting: {
      sql: `${counting.replace("FROM n)", "FROM n LIMIT 3000000)")} SELECT i FROM n ORDER BY hex(i * 7919 % 1000003)`,
      fromMs: 1500,
      toMs: 3500,
    },
    "GROUP BY": running(
      "SELECT a.eid % 1000, b.path, count(*) FROM process_events a, process_events b GROUP BY 1, 2",
    ),
    group_concat: running(
      `${counting} SELECT sum((SELECT length(group_concat(pid)) FROM process_events WHERE eid > i)) FROM n`,
    ),
    "file, many rows": running("SELECT count(*) FROM file WHERE path LIKE '/proc/%%'"),
    "hash of 1 TiB": running(`SELECT sha256 FROM hash WHERE path = '${sparseFile}'`),
    processes: running("SELECT count(*) FROM processes a, processes b, processes c"),
    "function of 8 MB": running(`${counting} SELECT max(instr(upper(${megabytes}), 'xyz')) FROM n`),
    "regex on 8 MB": running(
      `${counting} SELECT max(regex_match(${megabytes}, '(a|b|ab)*c.*d[^e]*$', 0)) FROM n`,
    ),
    preparing: {
      sql: `WITH c0 AS (SELECT 1 AS x)${Array.from({ length: 40 }, (_, i) => `, c${i + 1} AS (SELECT max(a.x) AS x FROM c${i} a, c${i} b)`).join("")} SELECT * FROM c40`,
      fromMs: 100,
      toMs: 500,
    },
  };
}

/** How soon a cancelled query's answer ends, and when its worker has stopped working on it. */
export async function measureCancels(home: string): Promise<void> {
  const sparseFile = join(home, "sparse");
  makeSparse(sparseFile);
  const daemon = await BenchDaemon.start(home);
  const lines: string[][] = [];
  const loadBefore = loadavg()[0] ?? 0;
  try {
    for (const [name, kind] of Object.entries(kinds(sparseFile))) {
      lines.push([name, ...(await cancelRepeatedly(daemon, kind))]);
    }
  } finally {
    await daemon.stop();
  }
  console.log(
    `\nMilliseconds from DELETE /v1/queries/:id to the end of the answer, and until the worker does nothing any more; ${cancels} times each, load ${figure(loadBefore)} to ${figure(loadavg()[0] ?? 0)}\n`,
  );
  console.log(markdownTable(["", "answer", "longest", "work", "longest"], lines));
}

function makeSparse(path: string): void {
  const fd = openSync(path, "w");
  ftruncateSync(fd, sparseBytes);
  closeSync(fd);
}

async function cancelRepeatedly(
  daemon: BenchDaemon,
  { sql, fromMs, toMs }: Kind,
): Promise<string[]> {
  const answers: number[] = [];
  const works: number[] = [];
  for (let turn = 0; turn < cancels; turn++) {
    const afterMs = fromMs + ((toMs - fromMs) * turn) / cancels;
    const { answerMs, workMs } = await timeCancel(daemon, { sql, afterMs });
    answers.push(answerMs);
    works.push(workMs);
  }
  return [answers, works].flatMap((taken) => [figure(median(taken)), figure(Math.max(...taken))]);
}
