import { setTimeout as sleep } from "node:timers/promises";
import { whyNoLiveAudit } from "../test/live/audit_state.js";
import { runProcesses } from "../test/live/workload.js";
import { median } from "./alternate.js";
import { BenchDaemon } from "./bench_daemon.js";
import type { BenchOptions } from "./bench_options.js";
import { figure, markdownTable } from "./markdown_table.js";
import { withScratchDirectory } from "./scratch_directory.js";
import { type CpuTimes, secondsByPart, secondsSince } from "./thread_cpu.js";

const processes = 5000;
const lookEveryMs = 250;

const stormEnds = `select count(*) from process_events where event_action = 'exit'
  and process_uuid in (select process_uuid from process_events where cmdline like '/bin/true bench-%')`;
const allEnds = "select count(*) from process_events where event_action = 'exit'";
const asked =
  "select value from auditql_health where stage = 'enrich' and name = 'executables' and metric = 'requests'";
const answered =
  "select sum(value) from auditql_health where stage = 'enrich' and name = 'executables' and metric = 'answered'";

/** One daemon's life. */
interface Round {
  readonly start: CpuTimes;
  readonly storm: CpuTimes;
  /** What else the host ran meanwhile is captured, too. */
  readonly processes: number;
  readonly residentMiB: number;
}

/** What capture costs: a storm of short processes, by part of the daemon. */
export async function benchCapture({ rounds }: BenchOptions): Promise<void> {
  console.log("\n## capture\n");
  const why = whyNoLiveAudit();
  if (why !== null) return console.log(`left out: ${why}`);
  const measured: Round[] = [];
  for (let round = 0; round < rounds; round++) measured.push(await withScratchDirectory(measure));
  console.log(table(measured));
  const resident = median(measured.map(({ residentMiB }) => residentMiB));
  console.log(`\nresident after it: ${figure(resident)} MiB`);
}

async function measure(home: string): Promise<Round> {
  const daemon = await BenchDaemon.start(home, { backend: "audit" });
  try {
    await reaches(daemon, answered, () => daemon.number(asked));
    const start = secondsByPart(daemon.pid);
    const endsBefore = await daemon.number(allEnds);
    await runProcesses("bench", processes);
    await reaches(daemon, stormEnds, async () => processes);
    await reaches(daemon, answered, () => daemon.number(asked));
    return {
      start,
      storm: secondsSince(start, secondsByPart(daemon.pid)),
      processes: (await daemon.number(allEnds)) - endsBefore,
      residentMiB: daemon.residentMiB(),
    };
  } finally {
    await daemon.stop();
  }
}

/** Waits for a number that a query answers with. */
async function reaches(
  daemon: BenchDaemon,
  sql: string,
  wanted: () => Promise<number>,
): Promise<void> {
  while ((await daemon.number(sql)) < (await wanted())) await sleep(lookEveryMs);
}

function table(rounds: readonly Round[]): string {
  const parts = [...new Set(rounds.flatMap(({ storm }) => [...storm.keys()]))];
  const line = (name: string, seconds: (times: CpuTimes) => number) => [
    name,
    figure(median(rounds.map(({ start }) => seconds(start)))),
    figure(median(rounds.map(({ storm }) => seconds(storm)))),
    figure(median(rounds.map((round) => (seconds(round.storm) / round.processes) * 1e6))),
  ];
  const sum = (times: CpuTimes) => [...times.values()].reduce((total, each) => total + each, 0);
  return markdownTable(
    ["CPU time", "starting, s", `${figure(processes)} processes, s`, "one of them, µs"],
    [
      ...parts.map((part) => line(part, (times) => times.get(part) ?? 0)),
      line("the whole daemon", sum),
    ],
  );
}
