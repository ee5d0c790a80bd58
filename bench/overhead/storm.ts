import { BenchDaemon } from "../bench_daemon.js";
import { figure, markdownTable } from "../markdown_table.js";
import { numberOf, runProgram } from "../native_programs.js";
import { withScratchDirectory } from "../scratch_directory.js";
import type { AuditGuard } from "./audit_guard.js";
import { lossWhere, untilQuiet } from "./observer.js";

/** Counters of the daemon, of all that the host did. */
interface Counted {
  readonly seen: number;
  readonly stored: number;
  readonly dropped: number;
}

/** Connects as fast as two processes make them, captured by eBPF with its default ring. */
export function measureStorm(guard: AuditGuard, seconds: number): Promise<void> {
  return withScratchDirectory(async (home) => {
    const daemon = await BenchDaemon.start(home, { backend: "ebpf" });
    guard.started(() => daemon.stop());
    const idle = await untilQuiet(daemon.pid);
    const before = await counted(daemon);
    const [load] = await runProgram("load", ["storm", `${seconds}`]);
    if (load === undefined) throw new Error("the generator printed nothing");
    const cpu = (await untilQuiet(daemon.pid)) - idle;
    const after = await counted(daemon);
    await guard.stopped();
    const made = numberOf(load, "made");
    const seen = after.seen - before.seen;
    const stored = after.stored - before.stored;
    const dropped = after.dropped - before.dropped;
    const line = [made, made / numberOf(load, "elapsedSeconds"), seen, stored, dropped];
    console.log(`connects of two processes for ${seconds} s, backend ebpf, default ring\n`);
    console.log(
      markdownTable(
        ["connects", "a second", "records of the host", "socket rows", "lost", "daemon, CPU s"],
        [[...line.map((value) => Math.round(value).toLocaleString("en-US")), figure(cpu)]],
      ),
    );
    console.log(`\n- zero lost: ${dropped === 0 && stored >= made ? "met" : "not met"}`);
  });
}

async function counted(daemon: BenchDaemon): Promise<Counted> {
  const sum = (where: string) =>
    daemon.number(`select coalesce(sum(value), 0) from auditql_health where ${where}`);
  return {
    seen: await sum("stage = 'capture' and name = 'ebpf' and metric = 'seen'"),
    stored: await sum("stage = 'store' and name = 'socket_events' and metric = 'stored'"),
    dropped: await sum(lossWhere),
  };
}
