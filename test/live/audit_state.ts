import { execFileSync, spawnSync } from "node:child_process";

/** What of the host's auditing a test may change and must put back. */
export interface AuditState {
  readonly enabled: number;
  readonly failure: number;
  readonly backlogLimit: number;
  readonly backlogWaitTime: number;
  readonly rules: string;
}

/** Why live capture cannot be tested here; null when it can. */
export function whyNoLiveAudit(): string | null {
  if (process.getuid?.() !== 0) return "needs root";
  const status = spawnSync("auditctl", ["-s"], { encoding: "utf8" });
  if (status.error !== undefined) return "needs auditctl (apt install auditd)";
  if (status.status !== 0) return `auditctl -s: ${status.stderr.trim()}`;
  const { enabled, pid } = statusFields();
  if (enabled === 2) return "audit rules are immutable until the next boot";
  if (pid !== 0) return `the audit netlink is owned by process ${pid}`;
  return null;
}

/** Number that `auditctl -s` prints for a field. */
export function auditStatus(field: string): number {
  return statusFields()[field] ?? Number.NaN;
}

function statusFields(): Record<string, number> {
  const text = execFileSync("auditctl", ["-s"], { encoding: "utf8" });
  return Object.fromEntries(
    [...text.matchAll(/^(\w+) (-?\d+)/gm)].map(([, name, value]) => [name ?? "", Number(value)]),
  );
}

export function readAuditState(): AuditState {
  const fields = statusFields();
  const number = (name: string) => fields[name] ?? Number.NaN;
  return {
    enabled: number("enabled"),
    failure: number("failure"),
    backlogLimit: number("backlog_limit"),
    backlogWaitTime: number("backlog_wait_time"),
    rules: execFileSync("auditctl", ["-l"], { encoding: "utf8" }).trim(),
  };
}

/** Puts everything back; for the end of a test that failed half-way. */
export function restoreAuditState(state: AuditState): void {
  const set = (...args: string[]) => spawnSync("auditctl", args, { stdio: "ignore" });
  if (readAuditState().rules !== state.rules) {
    set("-D", "-k", "auditql");
  }
  set("-b", String(state.backlogLimit));
  set("--backlog_wait_time", String(state.backlogWaitTime));
  set("-f", String(state.failure));
  set("-e", String(state.enabled));
}
