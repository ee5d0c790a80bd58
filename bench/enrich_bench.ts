import { execFile } from "node:child_process";
import { appendFileSync, copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { whyNoLiveAudit } from "../test/live/audit_state.js";
import { alternate, median } from "./alternate.js";
import { BenchDaemon } from "./bench_daemon.js";
import type { BenchOptions } from "./bench_options.js";
import { benchDigests } from "./digest_bench.js";
import { figure, markdownTable } from "./markdown_table.js";
import { withScratchDirectory } from "./scratch_directory.js";
import { secondsByPart } from "./thread_cpu.js";

const runCount = 10_000;
const programCount = 50;
const patienceMs = 60_000;

type Figures = Readonly<Record<string, number>>;

const kinds: Readonly<Record<string, object>> = {
  "digests and packages": {},
  neither: { hashes: [], packages: false },
};

/** Many short runs of a few programs, captured live: what the digests cost, and how often a file
 * has to be read. */
export async function benchEnrich({ rounds }: BenchOptions): Promise<void> {
  await benchDigests(rounds);
  const why = whyNoLiveAudit();
  if (why !== null) return console.log(`\n## enrich\n\nleft out: ${why}`);
  const figures = new Map<string, Figures[]>();
  const contenders = Object.entries(kinds).map(([name, enrichment]) => ({
    name,
    measure: async () => {
      const measured = await measureRuns(enrichment);
      figures.set(name, [...(figures.get(name) ?? []), measured]);
      return measured["daemon, % of one processor"] ?? 0;
    },
  }));
  await alternate(contenders, rounds);
  print(figures);
}

function measureRuns(enrichment: object): Promise<Figures> {
  return withScratchDirectory(async (home) => {
    const folder = join(home, "bin");
    mkdirSync(folder);
    for (let n = 0; n < programCount; n++) {
      const path = join(folder, `program-${n}`);
      copyFileSync("/bin/true", path);
      appendFileSync(path, `number ${n}`);
    }
    const daemon = await BenchDaemon.start(home, { backend: "audit", enrichment });
    try {
      await settled(daemon);
      return await measure(daemon, folder);
    } finally {
      await daemon.stop();
    }
  });
}

async function measure(daemon: BenchDaemon, folder: string): Promise<Figures> {
  const before = await counters(daemon);
  const [cpuBeforeMs, startedAt] = [cpuMs(daemon), performance.now()];
  const script = `i=0; while [ $i -lt ${runCount} ]; do ${folder}/program-$((i % ${programCount})); i=$((i+1)); done`;
  await promisify(execFile)("/bin/sh", ["-c", script]);
  const runs = await storedRuns(daemon, folder);
  await settled(daemon);
  const tookMs = performance.now() - startedAt;
  const daemonMs = cpuMs(daemon) - cpuBeforeMs;
  const after = await counters(daemon);
  const grown = (name: string) => (after.get(name) ?? 0) - (before.get(name) ?? 0);
  const asked = grown("requests") + grown("known");
  return {
    "runs, each stored once": runs.rows,
    "runs with a digest": runs.digests,
    "files read": grown("answered hashed"),
    "cache hits, %": (100 * (grown("known") + grown("answered cached"))) / asked,
    "runs a second": (1000 * runCount) / tookMs,
    "daemon, % of one processor": (100 * daemonMs) / tookMs,
    "digests and packages, % of one processor": (100 * grown("cpu_ms")) / tookMs,
  };
}

/** CPU time of the daemon itself, without its workers. */
function cpuMs({ pid }: BenchDaemon): number {
  return [...secondsByPart(pid).values()].reduce((sum, seconds) => sum + seconds * 1000, 0);
}

/** Rows of the runs, once all are there. */
async function storedRuns(daemon: BenchDaemon, folder: string) {
  const sql = `select count(*) as rows, count(exe_hash_sha256) as digests from process_events
    where event_action = 'exec' and path like '${folder}/%'`;
  for (const end = performance.now() + patienceMs; ; await sleep(100)) {
    const [row] = await daemon.rows(sql);
    const found = { rows: Number(row?.["rows"]), digests: Number(row?.["digests"]) };
    if (found.rows >= runCount || performance.now() > end) return found;
  }
}

/** Waits until nothing waits to be looked into. */
async function settled(daemon: BenchDaemon): Promise<void> {
  const answers = (all: ReadonlyMap<string, number>) =>
    [...all].reduce((sum, [name, value]) => sum + (name.startsWith("answered") ? value : 0), 0);
  const end = performance.now() + patienceMs;
  for (let was = -1; performance.now() < end; await sleep(200)) {
    const all = await counters(daemon);
    const isAnswered = answers(all) >= (all.get("requests") ?? 0);
    if (isAnswered && answers(all) === was) return;
    was = answers(all);
  }
}

/** Counters about executables, by metric and reason. */
async function counters(daemon: BenchDaemon): Promise<ReadonlyMap<string, number>> {
  const rows = await daemon.rows(
    "select metric, reason, value from auditql_health where stage = 'enrich' and name = 'executables'",
  );
  return new Map(
    rows.map(({ metric, reason, value }) => [`${metric} ${reason}`.trim(), Number(value)]),
  );
}

function print(figures: ReadonlyMap<string, readonly Figures[]>): void {
  const names = [...figures.keys()];
  const [first] = [...figures.values()].flat();
  const rows = Object.keys(first ?? {}).map((what) => [
    what,
    ...names.map((name) =>
      figure(median((figures.get(name) ?? []).map((each) => each[what] ?? 0))),
    ),
  ]);
  const title = `${figure(runCount)} short runs of ${programCount} programs, one after the other`;
  console.log(`\n## enrich\n\n${title}\n\n${markdownTable(["", ...names], rows)}`);
}
