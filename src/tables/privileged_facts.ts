import { loadAddon } from "../native/addon.js";
import type { DaemonFacts } from "./daemon_facts.js";
import { openThisHost } from "./host.js";
import { packetFilterRows } from "./iptables.js";

/** What a statement needs of this process's own rights, which query workers give up; null for
 * most. To name such a table in a comment costs a read, and nothing else. */
export function privilegedFacts(sql: string): DaemonFacts | null {
  if (!/\biptables\b/i.test(sql)) return null;
  const host = openThisHost();
  return { iptables: packetFilterRows(host, loadAddon().tableSources) ?? [] };
}
