import { readFileSync } from "node:fs";

function statusBytes(pid: number | "self", key: string): number {
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  const kibibytes = status.match(new RegExp(`^${key}:\\s+(\\d+) kB$`, "m"))?.[1];
  return Number(kibibytes ?? 0) * 1024;
}

/** Size of the address space of a process. */
export function addressSpaceBytes(pid: number | "self"): number {
  return statusBytes(pid, "VmSize");
}

/** Resident memory that a process has for itself: not the event stores, which it maps; null when
 * it has ended. */
export function privateMemoryBytes(pid: number): number | null {
  try {
    return statusBytes(pid, "RssAnon");
  } catch (error) {
    // ESRCH: it ended between open(2) and read(2).
    if (error instanceof Error && "syscall" in error) return null;
    throw error;
  }
}
