import type { TableRequest } from "../../native/connection.js";
import { readsAny } from "../constraints.js";
import { defineTable } from "../define_table.js";
import type { TableRows } from "../generated/table_schemas.js";
import type { Host } from "../host.js";
import { shownPath } from "../os_string.js";
import { requestedProcessIds } from "../sources/process_list.js";
import { commandLine, processFile } from "./process_file.js";
import { bootTimeSeconds, parseProcessStat, ticksPerSecond } from "./process_stat.js";
import { hostProcessUuids, type ProcessUuids } from "./process_uuid.js";

type Row = TableRows["processes"];

const millisecondsPerTick = 1000 / ticksPerSecond;
const idColumns = ["uid", "gid", "euid", "egid", "suid", "sgid"];
const memoryColumns = ["resident_size", "total_size"];

/** Columns of /proc/PID/status. */
function statusColumns(status: string): Row {
  const ids = (key: string) => status.match(new RegExp(`^${key}:\\s+(.*)$`, "m"))?.[1]?.split("\t");
  const bytes = (key: string) => {
    const kibibytes = status.match(new RegExp(`^${key}:\\s+(\\d+) kB$`, "m"))?.[1];
    return kibibytes === undefined ? null : Number(kibibytes) * 1024;
  };
  const [uid, euid, suid] = (ids("Uid") ?? []).map(Number);
  const [gid, egid, sgid] = (ids("Gid") ?? []).map(Number);
  return {
    uid: uid ?? null,
    euid: euid ?? null,
    suid: suid ?? null,
    gid: gid ?? null,
    egid: egid ?? null,
    sgid: sgid ?? null,
    resident_size: bytes("VmRSS"),
    total_size: bytes("VmSize"),
  };
}

/** Columns of /proc/PID/io, which only the superuser reads of others. */
function storageColumns(host: Host, pid: number): Row {
  const io = host.readText(`/proc/${pid}/io`);
  if (io === null) return {};
  const bytes = (key: string) => Number(io.match(new RegExp(`^${key}: (\\d+)$`, "m"))?.[1] ?? 0);
  return {
    disk_bytes_read: bytes("read_bytes"),
    disk_bytes_written: bytes("write_bytes") - bytes("cancelled_write_bytes"),
  };
}

function linkColumn(host: Host, pid: number, name: string): string | null {
  const link = host.readLink(`/proc/${pid}/${name}`);
  return link === null ? null : shownPath(link);
}

/** Path of the first line of /proc/PID/cgroup; it may hold colons itself. */
function cgroupPath(host: Host, pid: number): string | null {
  return host.readText(`/proc/${pid}/cgroup`)?.match(/^[^:\n]*:[^:\n]*:(.*)/)?.[1] ?? null;
}

interface Scan {
  readonly request: TableRequest;
  readonly host: Host;
  readonly bootSeconds: number | null;
  readonly uuids: ProcessUuids | null;
}

/** One process; null when it ended before its first file was read. */
function processRow({ request, host, bootSeconds, uuids }: Scan, pid: number): Row | null {
  const bytes = host.readFile(`/proc/${pid}/stat`);
  const stat = bytes === null ? null : parseProcessStat(bytes);
  if (stat === null) return null;
  const reads = (column: keyof Row) => request.columns.has(column);
  const status = readsAny(request, [...idColumns, ...memoryColumns])
    ? host.readText(`/proc/${pid}/status`)
    : null;
  return {
    pid,
    name: stat.name,
    state: stat.state,
    parent: stat.parent,
    pgroup: stat.processGroup,
    nice: stat.nice,
    threads: stat.threads,
    user_time: stat.userTicks * millisecondsPerTick,
    system_time: stat.systemTicks * millisecondsPerTick,
    wired_size: 0,
    start_time: startTime(bootSeconds, stat.startTicks),
    ...(status === null ? {} : statusColumns(status)),
    ...(readsAny(request, ["path", "on_disk"]) ? processFile(host, pid) : {}),
    ...(readsAny(request, ["disk_bytes_read", "disk_bytes_written"])
      ? storageColumns(host, pid)
      : {}),
    cmdline: reads("cmdline") ? commandLine(host, pid) : null,
    cwd: reads("cwd") ? linkColumn(host, pid, "cwd") : null,
    root: reads("root") ? linkColumn(host, pid, "root") : null,
    cgroup_path: reads("cgroup_path") ? cgroupPath(host, pid) : null,
    process_uuid: uuids === null ? null : uuids(pid, stat.startTicks),
  };
}

function startTime(bootSeconds: number | null, startTicks: number): number {
  return bootSeconds === null ? -1 : bootSeconds + Math.floor(startTicks / ticksPerSecond);
}

export const processes = defineTable("processes", {
  *generate(request, host) {
    const scan = {
      request,
      host,
      bootSeconds: bootTimeSeconds(host),
      uuids: request.columns.has("process_uuid") ? hostProcessUuids(host) : null,
    };
    for (const pid of requestedProcessIds(request, host)) {
      const row = processRow(scan, pid);
      if (row !== null) yield row;
    }
  },
});
