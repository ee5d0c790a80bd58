import type { Host } from "../host.js";
import { shownText } from "../os_string.js";

/** Arguments of a process as it shows them now, joined by spaces; null without any. */
export function commandLine(host: Host, pid: number): string | null {
  const bytes = host.readFile(`/proc/${pid}/cmdline`);
  if (bytes === null) return null;
  const text = shownText(bytes).replaceAll("\0", " ").trim();
  return text === "" ? null : text;
}
