import type { TableRequest } from "../../native/connection.js";
import { integersEqualTo } from "../constraints.js";
import type { Host } from "../host.js";

/** Processes of the host, by id. */
export function processIds(host: Host): number[] {
  return host
    .list("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((left, right) => left - right);
}

/** Processes that a query asks for: those of `pid = …`, else all. */
export function requestedProcessIds(request: TableRequest, host: Host): readonly number[] {
  const pids = integersEqualTo(request, "pid");
  if (pids === null) return processIds(host);
  return pids.filter((pid) => pid > 0 && isProcess(host, pid));
}

/** /proc/N exists for threads too (proc(5)), which are no rows of process tables. */
function isProcess(host: Host, pid: number): boolean {
  const status = host.readText(`/proc/${pid}/status`);
  const group = status?.match(/^Tgid:\s+(\d+)$/m)?.[1];
  return group === undefined ? false : Number(group) === pid;
}

/** Descriptors of a process and what they refer to; those closed meanwhile are left out. */
export function* openDescriptors(host: Host, pid: number): Iterable<[fd: number, link: string]> {
  for (const name of host.list(`/proc/${pid}/fd`)) {
    const link = host.readLink(`/proc/${pid}/fd/${name}`);
    if (link !== null) yield [Number(name), link];
  }
}

/** Inode of a namespace of a process, e.g. of `net`; null when it cannot be read. */
export function namespaceInode(host: Host, pid: number, kind: string): string | null {
  return host.readLink(`/proc/${pid}/ns/${kind}`)?.match(/\[(\d+)\]$/)?.[1] ?? null;
}
