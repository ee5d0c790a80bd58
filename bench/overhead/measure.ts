import { chmodSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { auditStatus } from "../../test/live/audit_state.js";
import { numberOf, runProgram } from "../native_programs.js";
import { processNamed, treeBytes, treeCpuSeconds } from "../process_usage.js";
import { withScratchDirectory } from "../scratch_directory.js";
import type { AuditGuard } from "./audit_guard.js";
import { type Contender, type Observer, type Recorded, untilQuiet } from "./observer.js";

/** Arguments of `load`, by what the table says of them. */
export interface Workload {
  readonly title: string;
  readonly arguments: readonly string[];
}

/** What one workload took under one contender, in seconds. */
export interface Taken {
  readonly made: number;
  readonly elapsed: number;
  /** CPU of the workload's processes. */
  readonly workload: number;
  /** CPU of the kernel's audit thread until the observer is quiet. */
  readonly kernel: number;
  /** CPU of the observer with its descendants, from the start of the workload to 2 s after it. */
  readonly early: number;
  /** The same until it is quiet. */
  readonly observer: number;
}

/** One turn of a contender. */
export interface Turn {
  readonly taken: readonly Taken[];
  /** Records or events; null where nothing counts them. */
  readonly lost: number | null;
  readonly recorded: Recorded | null;
  readonly residentBytes: number;
}

const lookAfterMs = 2000;

/** Starts the contender, waits until it is quiet, runs the workloads, and ends it. */
export function measureTurn(
  guard: AuditGuard,
  contender: Contender,
  workloads: readonly Workload[],
): Promise<Turn> {
  return withScratchDirectory(async (home) => {
    chmodSync(home, 0o755); // laurel writes there as another user
    guard.switchOff();
    const lostBefore = auditStatus("lost");
    const observer = (await contender.start?.(home)) ?? null;
    let lost: number | null = null;
    if (observer !== null) {
      guard.started(async () => {
        lost = await observer.stop();
      });
    }
    try {
      const taken: Taken[] = [];
      for (const each of workloads) taken.push(await measure(observer, each));
      const recorded = (await observer?.recorded()) ?? null;
      const residentBytes = observer === null ? 0 : treeBytes(observer.pid, "Pss");
      await guard.stopped();
      const kernelLost = auditStatus("lost") - lostBefore;
      return {
        taken,
        recorded,
        residentBytes,
        lost: observer === null ? null : kernelLost + (lost ?? 0) + (recorded?.lost ?? 0),
      };
    } finally {
      await guard.stopped();
    }
  });
}

async function measure(observer: Observer | null, workload: Workload): Promise<Taken> {
  const kauditd = processNamed("kauditd");
  const cpu = (pid: number | null) => (pid === null ? 0 : treeCpuSeconds(pid));
  const pid = observer?.pid ?? null;
  if (pid !== null) await untilQuiet(pid);
  const before = { observer: cpu(pid), kernel: cpu(kauditd) };
  const [made] = await runProgram("load", workload.arguments);
  if (made === undefined || numberOf(made, "failed") > 0) throw new Error("the workload failed");
  await sleep(lookAfterMs);
  const early = cpu(pid) - before.observer;
  const observerAfter = pid === null ? 0 : await untilQuiet(pid);
  return {
    made: numberOf(made, "made"),
    elapsed: numberOf(made, "elapsedSeconds"),
    workload: numberOf(made, "cpuSeconds"),
    kernel: cpu(kauditd) - before.kernel,
    early,
    observer: observerAfter - before.observer,
  };
}

/** CPU seconds of everything. */
export function wholeCost(taken: Taken): number {
  return taken.workload + taken.kernel + taken.observer;
}
