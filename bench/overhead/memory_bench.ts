import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { BenchDaemon } from "../bench_daemon.js";
import type { BenchOptions } from "../bench_options.js";
import { figure, markdownTable } from "../markdown_table.js";
import { numberOf, runProgram } from "../native_programs.js";
import { withScratchDirectory } from "../scratch_directory.js";
import { AuditGuard } from "./audit_guard.js";
import { writeMemoryPlot } from "./memory_plot.js";
import { lossWhere, untilQuiet } from "./observer.js";

/** Socket calls of each short process of the load. */
const callsPerProcess = 100;
/** ... and its fork, two execs less one, and exit. */
const eventsPerProcess = callsPerProcess + 3;
const lookEveryMs = 1000;

/** The daemon at one moment, in bytes. */
export interface MemorySample {
  /** Events that the kernel's programs have told of so far. */
  readonly events: number;
  readonly resident: number;
  /** Of it, what is in no file: heaps and buffers. */
  readonly anonymous: number;
  /** Of the eBPF maps, the ring included. */
  readonly maps: number;
}

/** Memory of the daemon and its maps during many events, captured live by eBPF. */
export async function benchMemory(options: BenchOptions): Promise<void> {
  console.log("\n## memory\n");
  const why = AuditGuard.whyNot();
  if (why !== null) return console.log(`skipped: ${why}`);
  const guard = new AuditGuard();
  await guard.use(() =>
    withScratchDirectory(async (home) => {
      const daemon = await BenchDaemon.start(home, { backend: "ebpf" });
      guard.started(() => daemon.stop());
      await untilQuiet(daemon.pid);
      const samples = await sampleWhile(daemon, Math.ceil(options.events / eventsPerProcess));
      if (options.plot !== null) writeMemoryPlot(options.plot, samples);
      const lost = await daemon.number(
        `select coalesce(sum(value), 0) from auditql_health where ${lossWhere}`,
      );
      // Before its folder is removed.
      await guard.stopped();
      print(samples, lost);
    }),
  );
}

async function sampleWhile(
  daemon: BenchDaemon,
  processes: number,
): Promise<readonly MemorySample[]> {
  const samples = [await sample(daemon)];
  let isRunning = true;
  const load = runProgram("load", ["processes", `${processes}`, `${callsPerProcess}`]).finally(
    () => {
      isRunning = false;
    },
  );
  while (isRunning) {
    await sleep(lookEveryMs);
    samples.push(await sample(daemon));
  }
  const [made] = await load;
  if (made === undefined || numberOf(made, "failed") > 0) throw new Error("the workload failed");
  await untilQuiet(daemon.pid);
  return [...samples, await sample(daemon)];
}

async function sample(daemon: BenchDaemon): Promise<MemorySample> {
  const events = await daemon.number(
    "select value from auditql_health where stage = 'capture' and name = 'ebpf' and metric = 'seen'",
  );
  const status = readFileSync(`/proc/${daemon.pid}/status`, "latin1");
  const bytes = (field: string) =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status)?.[1] ?? 0) * 1024;
  return {
    events,
    resident: bytes("VmRSS"),
    anonymous: bytes("RssAnon"),
    maps: mapBytes(daemon.pid),
  };
}

/** Memory of the eBPF maps that a process holds, as the kernel accounts it (fdinfo). */
function mapBytes(pid: number): number {
  const folder = `/proc/${pid}/fdinfo`;
  const maps = new Map<string, number>();
  for (const name of readdirSync(folder)) {
    const text = fdinfo(`${folder}/${name}`);
    const id = /^map_id:\s+(\d+)$/m.exec(text)?.[1];
    const bytes = /^memlock:\s+(\d+)$/m.exec(text)?.[1];
    if (id !== undefined && bytes !== undefined) maps.set(id, Number(bytes));
  }
  return [...maps.values()].reduce((sum, each) => sum + each, 0);
}

/** Empty when the descriptor was closed meanwhile. */
function fdinfo(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

function print(samples: readonly MemorySample[], lost: number): void {
  const [first] = samples;
  const last = samples.at(-1);
  if (first === undefined || last === undefined) return;
  const events = last.events - first.events;
  const at = (share: number) =>
    samples.find((each) => each.events - first.events >= share * events) ?? last;
  const rows = [0, 0.1, 0.25, 0.5, 0.75, 1].map((share) => {
    const each = share === 1 ? last : at(share);
    const figures = [each.resident, each.anonymous, each.maps].map((value) => figure(value / 1e6));
    return [Math.round(each.events - first.events).toLocaleString("en-US"), ...figures];
  });
  console.log(`${(samples.length - 1).toLocaleString("en-US")} samples; lost: ${lost}\n`);
  console.log(markdownTable(["events so far", "resident, MB", "anonymous", "eBPF maps"], rows));
}
