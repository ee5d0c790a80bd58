import { defineTable } from "../define_table.js";
import type { TableRows } from "../generated/table_schemas.js";
import { entriesOf, integerAt, listAt, memberOf, textAt } from "../sources/json_file.js";
import { dockerGet, requestedIds } from "./docker_api.js";

type Row = TableRows["docker_container_stats"];

const nanosecondsPerSecond = 1_000_000_000n;

/** RFC 3339 with nanoseconds, in nanoseconds since 1970; 0 for what is no time. */
function nanoseconds(text: string | null): bigint {
  const [, seconds, fraction = ""] = text?.match(/^(.*:\d\d)(?:\.(\d{1,9}))?Z$/) ?? [];
  const time = Date.parse(`${seconds}Z`);
  if (Number.isNaN(time)) return 0n;
  return BigInt(time / 1000) * nanosecondsPerSecond + BigInt(fraction.padEnd(9, "0"));
}

/** Sum over all devices of one operation. */
function diskBytes(stats: unknown, operation: string): number {
  return listAt(stats, "blkio_stats", "io_service_bytes_recursive")
    .filter((entry) => textAt(entry, "op")?.toLowerCase() === operation)
    .reduce((sum: number, entry) => sum + (integerAt(entry, "value") ?? 0), 0);
}

function networkBytes(stats: unknown, name: string): number {
  return entriesOf(memberOf(stats, "networks")).reduce(
    (sum, [, network]) => sum + (integerAt(network, name) ?? 0),
    0,
  );
}

function processorColumns(stats: unknown): Row {
  const of = (part: string, ...path: string[]) => integerAt(stats, part, ...path) ?? 0;
  return {
    cpu_total_usage: of("cpu_stats", "cpu_usage", "total_usage"),
    cpu_kernelmode_usage: of("cpu_stats", "cpu_usage", "usage_in_kernelmode"),
    cpu_usermode_usage: of("cpu_stats", "cpu_usage", "usage_in_usermode"),
    system_cpu_usage: of("cpu_stats", "system_cpu_usage"),
    online_cpus: of("cpu_stats", "online_cpus"),
    pre_cpu_total_usage: of("precpu_stats", "cpu_usage", "total_usage"),
    pre_cpu_kernelmode_usage: of("precpu_stats", "cpu_usage", "usage_in_kernelmode"),
    pre_cpu_usermode_usage: of("precpu_stats", "cpu_usage", "usage_in_usermode"),
    pre_system_cpu_usage: of("precpu_stats", "system_cpu_usage"),
    pre_online_cpus: of("precpu_stats", "online_cpus"),
  };
}

function memoryColumns(stats: unknown): Row {
  const of = (...path: string[]) => integerAt(stats, "memory_stats", ...path) ?? 0;
  return {
    memory_usage: of("usage"),
    memory_cached: of("stats", "cache"),
    memory_inactive_file: of("stats", "inactive_file"),
    memory_total_inactive_file: of("stats", "total_inactive_file"),
    memory_max_usage: of("max_usage"),
    memory_limit: of("limit"),
  };
}

export const dockerContainerStats = defineTable("docker_container_stats", {
  *generate(request, host) {
    for (const id of requestedIds(request) ?? []) {
      const stats = dockerGet(host, `/containers/${id}/stats?stream=false`);
      if (stats === null) continue;
      const read = nanoseconds(textAt(stats, "read"));
      const preread = nanoseconds(textAt(stats, "preread"));
      yield {
        id,
        name: textAt(stats, "name"),
        pids: integerAt(stats, "pids_stats", "current") ?? 0,
        read: read / nanosecondsPerSecond,
        preread: preread / nanosecondsPerSecond,
        interval: read - preread,
        disk_read: diskBytes(stats, "read"),
        disk_write: diskBytes(stats, "write"),
        num_procs: integerAt(stats, "num_procs") ?? 0,
        ...processorColumns(stats),
        ...memoryColumns(stats),
        network_rx_bytes: networkBytes(stats, "rx_bytes"),
        network_tx_bytes: networkBytes(stats, "tx_bytes"),
      };
    }
  },
});
