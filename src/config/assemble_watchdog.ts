import type { Config, Watchdog } from "./config.js";
import type { HonouredFlag } from "./flag_use.js";
import type { FlagValues } from "./flag_values.js";

/** A profile of osquery's watchdog (kWatchdogLimits of watcher.cpp). */
interface Profile {
  readonly megabytes: number;
  /** Of all processors. */
  readonly percent: number;
  readonly seconds: number;
}

const normal: Profile = { megabytes: 200, percent: 10, seconds: 12 };
const restrictive: Profile = { megabytes: 100, percent: 5, seconds: 6 };
const off: Profile = { megabytes: 10_000, percent: 100, seconds: 1000 };

const flags: readonly HonouredFlag[] = [
  "watchdog_level",
  "watchdog_memory_limit",
  "watchdog_utilization_limit",
  "watchdog_latency_limit",
];

/**
 * The watchdog of scheduled queries. A configuration of auditql's own has it only if it asks for
 * it: auditql.limits.scheduled bounds its queries.
 */
export function assembleWatchdog(values: FlagValues, flavour: Config["flavour"]): Watchdog | null {
  const isAskedFor = flags.some((name) => values.origin(name) !== "default");
  if (values.boolean("disable_watchdog") || (flavour === "auditql" && !isAskedFor)) return null;
  const profile = profileOf(values.number("watchdog_level"));
  // 0 leaves it to the profile.
  const chosen = (name: HonouredFlag, otherwise: number) => values.number(name) || otherwise;
  return {
    memoryBytes: chosen("watchdog_memory_limit", profile.megabytes) * 1024 * 1024,
    cpu: {
      maxShare: chosen("watchdog_utilization_limit", profile.percent) / 100,
      sustainedMs: chosen("watchdog_latency_limit", profile.seconds) * 1000,
    },
    delayMs: values.number("watchdog_delay") * 1000,
  };
}

function profileOf(level: number): Profile {
  if (level < 0) return off;
  return level === 0 ? normal : restrictive;
}
