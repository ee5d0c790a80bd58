import type { Host } from "../host.js";

/** Seconds since 1970 of the boot, from the `btime` line of /proc/stat. */
export function bootTimeSeconds(host: Host): number | null {
  const btime = host.readText("/proc/stat")?.match(/^btime (\d+)$/m)?.[1];
  return btime === undefined ? null : Number(btime);
}
