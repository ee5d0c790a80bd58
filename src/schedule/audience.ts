import { createHash } from "node:crypto";
import type { Audience } from "../config/config.js";
import { platformMatches } from "../config/platform.js";
import { osqueryVersion } from "../version.js";

/** Whether packs or queries for an audience run on this host. */
export function isMeantForThisHost(audience: Audience, hostname: string): boolean {
  return (
    isMeantForThisVersion(audience) && (audience.shard === 0 || audience.shard >= shardOf(hostname))
  );
}

/** Whether packs or queries for an audience run on any host with this version. */
export function isMeantForThisVersion(audience: Pick<Audience, "platform" | "version">): boolean {
  return platformMatches(audience.platform) && versionMatches(audience.version);
}

function versionMatches(version: string | null): boolean {
  if (version === null || version === "" || version === "null") return true;
  const running = osqueryVersion.split(".").map(Number);
  const required = version.split(".").map((part) => Number.parseInt(part, 10) || 0);
  for (let index = 0; index < Math.max(running.length, required.length); index++) {
    const difference = (running[index] ?? 0) - (required[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/** osquery's shard of a host: 0..100 from the first byte of SHA-1 of its name. */
function shardOf(hostname: string): number {
  const [first = 0] = createHash("sha1").update(hostname).digest();
  return Math.floor((first * 100) / 255);
}
