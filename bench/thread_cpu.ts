import { existsSync, readdirSync, readFileSync } from "node:fs";

/** CPU seconds so far, by part of the daemon. */
export type CpuTimes = ReadonlyMap<string, number>;

/** The thread that hashes changed files. */
export const hashingPart = "hashing changed files";

/** What the native threads are called (pthread_setname_np(3)). */
const parts: Readonly<Record<string, string>> = {
  "aq-audit": "reading the audit socket",
  "aq-proc-events": "reading the process connector",
  "aq-audit-watch": "watching the kernel's counters",
  "aq-file-hash": hashingPart,
  "auditql-decode": "decoding, identity, /proc, storing",
};

/** Of the threads that live: of a whole process, one that ended meanwhile is left out. */
export function secondsByPart(pid: number): CpuTimes {
  const times = new Map<string, number>();
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const folder = `/proc/${pid}/task/${thread}`;
    if (!existsSync(`${folder}/schedstat`)) continue;
    const name = readFileSync(`${folder}/comm`, "latin1").trim();
    const isMain = thread === `${pid}`;
    const part = isMain ? "Node's main thread" : (parts[name] ?? "Node's other threads");
    times.set(part, (times.get(part) ?? 0) + nanoseconds(folder) / 1e9);
  }
  return times;
}

/** Time on a processor, the first field (Documentation/scheduler/sched-stats.rst). */
function nanoseconds(folder: string): number {
  return Number(readFileSync(`${folder}/schedstat`, "latin1").split(" ")[0]);
}

export function secondsSince(before: CpuTimes, after: CpuTimes): CpuTimes {
  return new Map([...after].map(([part, seconds]) => [part, seconds - (before.get(part) ?? 0)]));
}
