import { defineTable } from "../define_table.js";
import type { Host } from "../host.js";
import { openDescriptors, processIds } from "../sources/process_list.js";

interface PipeEnd {
  readonly pid: number;
  readonly fd: number;
  readonly mode: string;
  readonly inode: string;
  readonly type: "anonymous" | "named";
}

/** Link permissions of /proc/PID/fd/N say how it was opened (proc(5)). */
function openMode(host: Host, pid: number, fd: number): string {
  const mode = host.lstat(`/proc/${pid}/fd/${fd}`)?.mode ?? 0n;
  return `${mode & 0o400n ? "r" : ""}${mode & 0o200n ? "w" : ""}`;
}

function* pipeEnds(host: Host, pid: number): Iterable<PipeEnd> {
  for (const [fd, link] of openDescriptors(host, pid)) {
    const anonymous = link.match(/^pipe:\[(\d+)\]$/)?.[1];
    const named = link.startsWith("/") ? host.stat(`/proc/${pid}/fd/${fd}`) : null;
    const inode = anonymous ?? (named?.isFIFO() ? String(named.ino) : undefined);
    if (inode === undefined) continue;
    const type = anonymous === undefined ? "named" : "anonymous";
    yield { pid, fd, mode: openMode(host, pid, fd), inode, type };
  }
}

const isPartner = (end: PipeEnd, other: PipeEnd): boolean =>
  other !== end && (end.mode !== other.mode || end.mode === "rw");

export const processOpenPipes = defineTable("process_open_pipes", {
  *generate(_request, host) {
    const ends = processIds(host).flatMap((pid) => [...pipeEnds(host, pid)]);
    const byPipe = new Map<string, PipeEnd[]>();
    for (const end of ends) {
      const key = `${end.type}:${end.inode}`;
      byPipe.set(key, [...(byPipe.get(key) ?? []), end]);
    }
    for (const end of ends) {
      const row = { ...end, inode: BigInt(end.inode) };
      const sharing = byPipe.get(`${end.type}:${end.inode}`) ?? [];
      if (sharing.length === 1) yield row;
      for (const other of sharing) {
        if (!isPartner(end, other)) continue;
        yield {
          ...row,
          partner_pid: other.pid,
          partner_fd: other.fd,
          partner_mode: other.mode,
        };
      }
    }
  },
});
