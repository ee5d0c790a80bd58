import type { Host } from "../host.js";
import { shownPath, shownText } from "../os_string.js";

const deletedSuffix = " (deleted)";

/** Whether the name of a running file really ends in " (deleted)" (osquery's issue 1607). */
function isSameFile(host: Host, pid: number, path: string): boolean {
  const named = host.stat(path);
  const running = host.stat(`/proc/${pid}/exe`);
  return named !== null && named.ino === running?.ino && named.dev === running.dev;
}

/** What /proc/PID/exe tells. */
interface ProcessFile {
  readonly path: string | null;
  /** 1 when the file exists, 0 when it is gone, -1 without one (kernel threads). */
  readonly on_disk: number;
}

/** The file that a process runs, without the kernel's " (deleted)". */
export function processFile(host: Host, pid: number): ProcessFile {
  const link = host.readLink(`/proc/${pid}/exe`);
  if (link === null) return { path: null, on_disk: -1 };
  if (!link.endsWith(deletedSuffix) || isSameFile(host, pid, link)) {
    // A process of another mount namespace has its file there, not here.
    const exists = host.stat(link) ?? host.stat(`/proc/${pid}/root${link}`);
    return { path: shownPath(link), on_disk: exists === null ? 0 : 1 };
  }
  return { path: shownPath(link.slice(0, -deletedSuffix.length)), on_disk: 0 };
}

/** Arguments of a process as it shows them now, joined by spaces; null without any. */
export function commandLine(host: Host, pid: number): string | null {
  const bytes = host.readFile(`/proc/${pid}/cmdline`);
  if (bytes === null) return null;
  const text = shownText(bytes).replaceAll("\0", " ").trim();
  return text === "" ? null : text;
}
