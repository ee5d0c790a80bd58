import { existsSync, readdirSync, readFileSync } from "node:fs";

/** A process and all its descendants. */
export function withDescendants(pid: number): readonly number[] {
  return [pid, ...childrenOf(pid).flatMap(withDescendants)];
}

/** None of a process that has exited. */
function childrenOf(pid: number): readonly number[] {
  return tasksOf(pid).flatMap((task) =>
    (read(`/proc/${pid}/task/${task}/children`) ?? "")
      .split(" ")
      .map(Number)
      .filter((child) => child > 0),
  );
}

/**
 * CPU seconds that a process, its descendants and those of them that have exited took so far, user
 * and system (proc_pid_stat(5)). Living threads count by the nanosecond, exited ones in hundredths.
 */
export function treeCpuSeconds(pid: number): number {
  return withDescendants(pid).reduce((sum, each) => sum + cpuSeconds(each), 0);
}

/** Clock ticks a second in /proc: USER_HZ, which is 100 on every architecture of Linux today. */
const ticks = 100;

function cpuSeconds(pid: number): number {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === null) return 0;
  // Behind the name, which may have spaces: field 3 of proc_pid_stat(5).
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const field = (number: number) => Number(fields[number - 3]) / ticks;
  const threads = tasksOf(pid).reduce((sum, task) => sum + threadSeconds(pid, task), 0);
  // Where threads have exited, theirs is in the coarser figure only.
  return Math.max(threads, field(14) + field(15)) + field(16) + field(17);
}

/** Time on a processor (Documentation/scheduler/sched-stats.rst). */
function threadSeconds(pid: number, task: string): number {
  return Number((read(`/proc/${pid}/task/${task}/schedstat`) ?? "0").split(" ")[0]) / 1e9;
}

function tasksOf(pid: number): readonly string[] {
  const folder = `/proc/${pid}/task`;
  return existsSync(folder) ? readdirSync(folder) : [];
}

/**
 * Bytes of a field of smaps_rollup (proc_pid_smaps(5)) over a process and its descendants. `Pss` is
 * what is resident, with a page that several map once; a process that has exited counts as 0.
 */
export function treeBytes(pid: number, field: string): number {
  const pattern = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m");
  return withDescendants(pid).reduce((sum, each) => {
    const rollup = read(`/proc/${each}/smaps_rollup`) ?? "";
    return sum + Number(pattern.exec(rollup)?.[1] ?? 0) * 1024;
  }, 0);
}

/** The process of that name; null where none has it. */
export function processNamed(name: string): number | null {
  const pid = readdirSync("/proc").find(
    (each) => /^\d+$/.test(each) && read(`/proc/${each}/comm`)?.trim() === name,
  );
  return pid === undefined ? null : Number(pid);
}

/** Null when the process has exited. */
function read(path: string): string | null {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return null;
  }
}
