import type { Host } from "../host.js";

/** Value of one of osquery's flags, as the daemon was given it. */
export function flagValue(host: Host, name: string): string | null {
  const flag = host.facts().osquery_flags?.find((row) => row.name === name);
  return flag?.value ?? flag?.default_value ?? null;
}
