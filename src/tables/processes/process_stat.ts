import type { Host } from "../host.js";
import { shownText } from "../os_string.js";

/** USER_HZ: what the kernel shows times in, 100 on every architecture that Node runs on. */
export const ticksPerSecond = 100;

/** Fields of /proc/PID/stat (proc(5)). */
export interface ProcessStat {
  readonly name: string;
  readonly state: string;
  readonly parent: number;
  readonly processGroup: number;
  readonly session: number;
  readonly userTicks: number;
  readonly systemTicks: number;
  readonly nice: number;
  readonly threads: number;
  /** Ticks after boot. */
  readonly startTicks: number;
}

/** Parses /proc/PID/stat; null when it is cut short. The name may hold blanks and parentheses,
 * so the fields begin after the last parenthesis. */
export function parseProcessStat(bytes: Buffer): ProcessStat | null {
  const open = bytes.indexOf("(");
  const close = bytes.lastIndexOf(")");
  if (open < 0 || close < open) return null;
  const [state, ...fields] = bytes
    .subarray(close + 2)
    .toString("latin1")
    .trimEnd()
    .split(" ");
  if (state === undefined || fields.length < 19) return null;
  const at = (index: number) => Number(fields[index]);
  return {
    name: shownText(bytes.subarray(open + 1, close)),
    state,
    parent: at(0),
    processGroup: at(1),
    session: at(2),
    userTicks: at(10),
    systemTicks: at(11),
    nice: at(15),
    threads: at(16),
    startTicks: at(18),
  };
}

/** Seconds since 1970 of the boot, from the `btime` line of /proc/stat. */
export function bootTimeSeconds(host: Host): number | null {
  const btime = host.readText("/proc/stat")?.match(/^btime (\d+)$/m)?.[1];
  return btime === undefined ? null : Number(btime);
}
