import { readFileSync } from "node:fs";

/** Processor time that a process has taken, in milliseconds. */
export interface ProcessCpu {
  readonly userMs: number;
  readonly systemMs: number;
}

/** USER_HZ, in which proc(5) counts, is 100 on every architecture that Node runs on. */
const msPerTick = 10;

/** Time of all threads of a process; null when it has ended. */
export function processCpu(pid: number): ProcessCpu | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name in parentheses may hold anything; utime and stime are fields 14 and 15.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { userMs: Number(fields[11]) * msPerTick, systemMs: Number(fields[12]) * msPerTick };
  } catch (error) {
    // ENOENT, or ESRCH when it ended between open(2) and read(2).
    if (error instanceof Error && "syscall" in error) return null;
    throw error;
  }
}
