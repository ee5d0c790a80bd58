import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import type { CaptureState } from "../../src/native/capture_state.js";
import { compiledProgram, whyNoCompiler } from "./c_program.js";
import type { DaemonProcess } from "./daemon_process.js";
import { eventually } from "./eventually.js";
import { libbpfPath } from "./libbpf_path.js";
import { hostPerTest, type LiveHost, skipReason } from "./live_host.js";
import { whyNoEbpf, whyNotAudit } from "./tested_backend.js";

/** A host on which the backend cannot run. */
interface Refusal {
  /** Command that ends with exec(2) of the arguments behind it. */
  launcher(host: LiveHost): readonly string[];
  readonly reason: RegExp;
  readonly remedy: RegExp;
  /** The line of `auditql doctor` that is not ok because of it. */
  readonly check: string;
  /** What captures instead where the configuration says `auto`; null: nothing can. */
  readonly fallback: string | null;
  /** The launcher stays, and passes no signal on. */
  readonly isForked?: boolean;
}

/** In a mount namespace of its own, with `command` run before the program. */
function mounted(command: string): readonly string[] {
  return ["unshare", "--mount", "sh", "-ec", `${command}; exec "$@"`, "sh"];
}

const denying = compiledProgram("deny_bpf");

const refusals: Readonly<Record<string, Refusal>> = {
  "without BTF": {
    launcher({ home }) {
      const empty = join(home.path, "empty");
      mkdirSync(empty, { recursive: true });
      return mounted(`mount --bind ${empty} /sys/kernel/btf`);
    },
    reason: /cannot read \/sys\/kernel\/btf\/vmlinux, .*: No such file or directory/,
    remedy: /CONFIG_DEBUG_INFO_BTF/,
    check: "ebpf_btf",
    fallback: "audit",
  },
  "without CAP_BPF": {
    launcher: () => ["setpriv", "--bounding-set", "-bpf,-sys_admin"],
    reason: /auditql lacks cap_bpf\b/,
    remedy: /\bcap_bpf\b/i,
    check: "cap_bpf",
    fallback: "audit",
  },
  "without libbpf": {
    launcher({ home }) {
      const file = join(home.path, "not_a_library");
      writeFileSync(file, "");
      return mounted(`mount --bind ${file} ${libbpfPath()}`);
    },
    reason: /cannot load .*libbpf\.so\.1: /,
    remedy: /apt-get install libbpf1 .*dnf install libbpf .*apk add libbpf .*pacman -S libbpf/,
    check: "ebpf_libbpf",
    fallback: "audit",
  },
  "without permission to call bpf(2)": {
    launcher: () => [denying.path],
    reason: /cannot call bpf\(2\): Operation not permitted/,
    remedy: /SystemCallFilter=/,
    check: "ebpf_call",
    fallback: "audit",
  },
  "in a pid namespace of a container": {
    launcher: () => ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"],
    reason: /auditql runs in a pid namespace of a container/,
    remedy: /--pid=host/,
    check: "namespaces",
    fallback: null,
    isForked: true,
  },
};

/** A daemon there, once it has answered what it captures. */
async function startThere(
  host: LiveHost,
  refusal: Refusal,
  backend: string,
): Promise<DaemonProcess> {
  const auditql = {
    state_path: host.home.statePath,
    http: { port: 0 },
    log: {},
    capture: { backend },
  };
  const daemon = host.launch({ config: { auditql }, launcher: refusal.launcher(host) });
  const answer = () => daemon.get("/readyz").catch(() => null);
  await eventually(
    answer,
    (got) => (got !== null && !got.body.includes("still starting")) || daemon.hasExited,
  );
  return daemon;
}

async function stopThere(daemon: DaemonProcess, { isForked = false }: Refusal): Promise<void> {
  if (isForked) execFileSync("pkill", ["-TERM", "-P", String(daemon.pid)]);
  assert.equal(isForked ? await daemon.ended() : await daemon.stop(), 0);
}

async function doctorThere(
  host: LiveHost,
  refusal: Refusal,
): Promise<readonly Record<string, string>[]> {
  const [program = "", ...args] = [...refusal.launcher(host), process.execPath];
  const doctor = ["dist/src/main.js", "doctor", "-f", "json", "--socket", "/nonexistent"];
  const running = promisify(execFile)(program, [...args, ...doctor]);
  // Its exit status is 1 where nothing can be captured.
  const { stdout } = await running.catch((error: { stdout: string }) => error);
  const checks: readonly Record<string, string>[] = JSON.parse(stdout);
  return checks;
}

async function captureOf(daemon: DaemonProcess): Promise<CaptureState> {
  const state: CaptureState = JSON.parse((await daemon.get("/v1/capture")).body);
  return state;
}

const why =
  whyNoEbpf() ?? whyNotAudit("it names its backends, so that one run is enough") ?? whyNoCompiler();
const skip = skipReason("hosts on which eBPF programs cannot run, live", why);

describe("a host on which eBPF programs cannot run", { skip }, () => {
  const host = hostPerTest();

  for (const [name, refusal] of Object.entries(refusals)) {
    test(`${name}, the backend ebpf says why, everywhere, and nothing replaces it`, async () => {
      const daemon = await startThere(host, refusal, "ebpf");
      const { status, body } = await daemon.get("/readyz");
      assert.equal(status, 503);
      assert.match(body, refusal.reason);
      assert.match(body, refusal.remedy);
      const [row] = await daemon.query(
        "select state, reason, remedy from auditql_capture where name = 'no_backend'",
      );
      assert.equal(row?.["state"], "error");
      assert.match(String(row?.["reason"]), refusal.reason);
      assert.match(String(row?.["remedy"]), refusal.remedy);
      assert.equal((await captureOf(daemon)).backend, null);
      assert.match(daemon.stderr, /cannot capture with ebpf: .*\. Remedy: /);
      assert.doesNotMatch(daemon.stderr, /^libbpf: |ulimit|RLIMIT_MEMLOCK/m);
      await stopThere(daemon, refusal);
    });

    test(`${name}, auto captures with what can run, and doctor says so`, async () => {
      const daemon = await startThere(host, refusal, "auto");
      const { backend } = await captureOf(daemon);
      assert.match(daemon.stderr, refusal.reason);
      assert.equal(backend, refusal.fallback);
      assert.equal((await daemon.get("/readyz")).status, backend === null ? 503 : 200);
      await stopThere(daemon, refusal);
      const checks = await doctorThere(host, refusal);
      const check = (wanted: string) => checks.find((each) => each["name"] === wanted);
      assert.notEqual(check(refusal.check)?.["state"], "ok");
      assert.match(check(refusal.check)?.["remedy"] ?? "", refusal.remedy);
      const selected = refusal.fallback ?? "no backend";
      assert.match(check("backend")?.["detail"] ?? "", new RegExp(`^auto selects ${selected}\\b`));
    });
  }
});
