import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { auditStatus } from "../../test/live/audit_state.js";
import { BenchDaemon } from "../bench_daemon.js";
import { isInstalled, programPath } from "../native_programs.js";
import { loadRules } from "./audit_guard.js";
import { type Contender, lossWhere, type Observer, Program } from "./observer.js";

/** A further program to measure: a name, and the shell command that runs it in the foreground. */
export interface Peer {
  readonly name: string;
  readonly start: string;
}

export const contenderNames = {
  off: "off",
  ebpf: "auditql, ebpf",
  audit: "auditql, audit",
  auditd: "auditd",
  laurel: "auditd + laurel",
  auditReader: "bare audit reader",
  ringReader: "bare ring reader",
} as const;

/** All that can be measured here. */
export function contenders(peers: readonly Peer[]): readonly Contender[] {
  const names = contenderNames;
  const isAuditd = isInstalled("auditd");
  return [
    { name: names.off, start: null },
    { name: names.ebpf, start: (home) => startAuditql(home, "ebpf") },
    { name: names.audit, start: (home) => startAuditql(home, "audit") },
    ...(isAuditd ? [{ name: names.auditd, start: startAuditd }] : []),
    ...(isAuditd && isInstalled("laurel") ? [{ name: names.laurel, start: startLaurel }] : []),
    { name: names.auditReader, start: startAuditReader },
    { name: names.ringReader, start: startRingReader },
    ...peers.map((peer) => ({ name: peer.name, start: startPeer(peer) })),
  ];
}

/** The rules of auditql's audit backend, for auditctl: what the others capture, too. */
export function captureRules(): string {
  return execFileSync(pathOf("bare_audit_reader"), ["rules"], { encoding: "utf8" });
}

function pathOf(program: string): string {
  const path = programPath(program);
  if (path === null) throw new Error(`${program} was not built`);
  return path;
}

/** With its default settings, except for the ways to its files. */
async function startAuditql(home: string, backend: "ebpf" | "audit"): Promise<Observer> {
  const daemon = await BenchDaemon.start(home, { backend });
  return {
    pid: daemon.pid,
    recorded: async () => ({
      processes: await daemon.number(
        `select count(distinct process_uuid) from process_events
         where event_action = 'exec' and path = '${pathOfLoad()}' and cmdline like '% datagram %'`,
      ),
      connects: await daemon.number(
        `select count(*) from socket_events where action = 'connect' and path = '${pathOfLoad()}'`,
      ),
      lost: await daemon.number(
        `select coalesce(sum(value), 0) from auditql_health where ${lossWhere}`,
      ),
    }),
    stop: async () => {
      await daemon.stop();
      return null;
    },
  };
}

/** As the kernel shows it. */
function pathOfLoad(): string {
  return execFileSync("realpath", [pathOf("load")], { encoding: "utf8" }).trim();
}

const owned = (pid: number) => auditStatus("pid") === pid;

/** A file for `auditctl -R`: Debian's settings (rules.d/audit.rules) and the captured calls. */
function writeRules(home: string): string {
  const path = join(home, "audit.rules");
  writeFileSync(path, `-b 8192\n--backlog_wait_time 60000\n-f 1\n${captureRules()}-e 1\n`);
  return path;
}

function startAuditd(home: string): Promise<Observer> {
  return startAuditdWith(home, null);
}

async function startLaurel(home: string): Promise<Observer> {
  const folder = join(home, "laurel");
  mkdirSync(folder);
  const found = "/etc/laurel/config.toml";
  const text = existsSync(found) ? readFileSync(found, "utf8") : "";
  const path = join(home, "laurel.toml");
  const directory = `directory = "${folder}"`;
  const isNamed = /^directory\s*=.*$/m.test(text);
  writeFileSync(
    path,
    isNamed ? text.replace(/^directory\s*=.*$/m, directory) : `${directory}\n${text}`,
  );
  const user = /^user\s*=\s*"(.*)"/m.exec(text)?.[1];
  if (user !== undefined) giveTo(user, folder);
  chmodSync(path, 0o644);
  return startAuditdWith(home, `args = --config ${path}`);
}

function giveTo(user: string, folder: string): void {
  const id = (flag: string) => Number(spawnSync("id", [flag, user], { encoding: "utf8" }).stdout);
  chownSync(folder, id("-u"), id("-g"));
}

/** auditd's own configuration, with files of `home`. */
async function startAuditdWith(home: string, laurel: string | null): Promise<Observer> {
  const plugins = join(home, "plugins.d");
  mkdirSync(plugins);
  if (laurel !== null) {
    const program = execFileSync("which", ["laurel"], { encoding: "utf8" }).trim();
    const plugin = join(plugins, "laurel.conf");
    writeFileSync(
      plugin,
      `active = yes\ndirection = out\ntype = always\nformat = string\npath = ${program}\n${laurel}\n`,
    );
    chmodSync(plugin, 0o640);
  }
  const settings = { log_file: join(home, "audit.log"), plugin_dir: plugins };
  const config = join(home, "auditd.conf");
  const text = Object.entries(settings).reduce(
    (all, [key, value]) =>
      `${all.replace(new RegExp(`^${key}\\s*=.*\n`, "m"), "")}${key} = ${value}\n`,
    readFileSync("/etc/audit/auditd.conf", "utf8"),
  );
  writeFileSync(config, text);
  chmodSync(config, 0o640);
  const auditd = new Program(["auditd", "-n", "-c", home]);
  await auditd.until(() => owned(auditd.pid));
  loadRules(writeRules(home));
  return observed(auditd, () => null);
}

async function startAuditReader(home: string): Promise<Observer> {
  const reader = new Program([pathOf("bare_audit_reader")]);
  await reader.until(() => owned(reader.pid));
  loadRules(writeRules(home));
  return observed(reader, () => null);
}

async function startRingReader(): Promise<Observer> {
  const reader = new Program([pathOf("bare_ring_reader")]);
  await reader.until((output) => output.includes("ready"));
  return observed(reader, (output) => Number(/"lost":(\d+)/.exec(output)?.[1]));
}

/** `$AUDIT_RULES` names the file of rules that the others load. */
function startPeer({ start }: Peer): (home: string) => Promise<Observer> {
  return async (home) => {
    const peer = new Program(["/bin/sh", "-c", start], { AUDIT_RULES: writeRules(home) });
    await peer.until(() => statSync(`/proc/${peer.pid}`).isDirectory());
    return observed(peer, () => null);
  };
}

function observed(program: Program, lostOf: (output: string) => number | null): Observer {
  return {
    pid: program.pid,
    recorded: async () => null,
    stop: async () => lostOf(await program.end()),
  };
}
