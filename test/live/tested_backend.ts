import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, readlinkSync } from "node:fs";
import { auditStatus, whyNoLiveAudit } from "./audit_state.js";
import type { DaemonProcess } from "./daemon_process.js";

/** Backends that every live test runs on, but those that say that they are of one alone. */
type TestedBackend = "audit" | "ebpf";

/** The backend of this run: `scripts/test.mjs live` has one run for each. */
export const testedBackend: TestedBackend =
  process.env["AUDITQL_TEST_BACKEND"] === "ebpf" ? "ebpf" : "audit";

type Section = Readonly<Record<string, unknown>>;

/** A configuration with the backend of this run, unless it names one itself. */
export function withTestedBackend(config: Section, defaults: Section): Section {
  const auditql: Section = { ...((config["auditql"] ?? defaults) as Section) };
  // What is tested comes from eBPF, so the audit stream is left to others.
  const tested = testedBackend === "ebpf" ? { audit: "multicast" } : {};
  const given = auditql["capture"] as Section | undefined;
  const capture = { backend: testedBackend, ...tested, ...given };
  return { ...config, auditql: { ...auditql, capture } };
}

/** Why the backend of this run cannot capture here; null when it can. */
export function whyNoCapture(): string | null {
  return testedBackend === "audit" ? whyNoLiveAudit() : whyNoEbpf();
}

/** The same for a suite that is about audit itself, which `subject` names. */
export function whyNotAudit(subject: string): string | null {
  return testedBackend === "audit" ? whyNoLiveAudit() : `of audit alone: ${subject}`;
}

/** Why capture with eBPF cannot be tested here: what its `probe()` asks for (addon/capture/ebpf/). */
export function whyNoEbpf(): string | null {
  const effective = /^CapEff:\s*(\w+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  const sysAdmin = 1n << 21n;
  if ((BigInt(`0x${effective ?? "0"}`) & sysAdmin) === 0n) return "needs CAP_SYS_ADMIN";
  if (readlinkSync("/proc/self/ns/pid") !== "pid:[4026531836]") return "needs the host's processes";
  if (!existsSync("/sys/kernel/btf/vmlinux")) return "needs a kernel with BTF";
  const libraries = spawnSync("ldconfig", ["-p"], { encoding: "utf8" }).stdout ?? "";
  return libraries.includes("libbpf.so.1") ? null : "needs libbpf 1.0";
}

/**
 * Whether a row of auditql_health counts what is lost for certain, in SQL. Of what eBPF counts as
 * program_busy each may have been an event, or not: the rows tell.
 */
export const isCertain = "reason <> 'program_busy'";

/** Events or records that the kernel lost so far for the backend of this run. */
export function kernelLost(daemon: DaemonProcess): Promise<number> {
  if (testedBackend === "audit") return Promise.resolve(auditStatus("lost"));
  return daemon.number(
    `select coalesce(sum(value), 0) from auditql_health
     where name = 'ebpf' and metric in ('dropped', 'lost') and ${isCertain}`,
  );
}
