import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type DaemonHome, type DaemonOptions, DaemonProcess } from "../live/daemon_process.js";
import { eventually } from "../live/eventually.js";

/** A daemon that a fault has hit, and what was opened for it. */
export interface Faulty {
  readonly daemon: DaemonProcess;
  close(): void;
}

/** Something that keeps a part of the daemon from ending. */
export interface StopFault {
  readonly name: string;
  /** Starts a daemon with `base` in its section `auditql`, and brings it about. */
  start(home: DaemonHome, base: object): Promise<Faulty>;
}

/** Preloaded: SIGUSR2 breaks the process as AUDITQL_TEST_BREAK says. */
const breaker = fileURLToPath(new URL("./break_process.js", import.meta.url));

/** How a logger of one's own, which users may write, can hang. */
const hangs = {
  write: "async open() { return { write: () => never, async reopen() {}, close: () => never }; }",
  file: `async open() {
    const hang = () => open("FIFO", "r");
    return { write: hang, async reopen() {}, async close() {} };
  }`,
  // Without something to wait for node ends by itself.
  start: "open: () => (setInterval(() => {}, 1000), never)",
} as const;

function loggerModule(home: DaemonHome, how: keyof typeof hangs): string {
  const path = join(home.path, "hanging.mjs");
  const fifo = join(home.path, "fifo");
  if (how === "file") execFileSync("mkfifo", [fifo]);
  const text = `import { open } from "node:fs/promises";
    const never = new Promise(() => {});
    export default { name: "hanging", description: "", options: {}, isLocal: true, ${hangs[how].replace("FIFO", fifo)} };`;
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

const faultless = { close() {} };

const tick = { tick: { query: "select * from time", interval: 1 } };

function config(home: DaemonHome, base: object, more: object = {}): DaemonOptions {
  const auditql = { state_path: home.statePath, http: { port: 0 }, ...base, ...more };
  return { config: { auditql, schedule: tick } };
}

async function started(home: DaemonHome, options: DaemonOptions): Promise<Faulty> {
  return { daemon: await DaemonProcess.start(home, options), ...faultless };
}

/** Its first lines have reached the logger. */
async function withHangingLogger(home: DaemonHome, base: object, how: "write" | "file") {
  const faulty = await started(home, hangingLogger(home, base, how));
  await sleep(1500);
  return faulty;
}

function hangingLogger(home: DaemonHome, base: object, how: keyof typeof hangs): DaemonOptions {
  const log = { loggers: { hanging: { module: loggerModule(home, how) } } };
  return { ...config(home, base, { log }), flags: ["--logger_plugin=hanging"] };
}

async function withSilentReceiver(home: DaemonHome, base: object): Promise<Faulty> {
  const server: Server = createServer(() => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const log = { loggers: { http: { options: { url: `http://127.0.0.1:${port}/` } } } };
  const requested = new Promise((resolve) => server.once("request", resolve));
  const options = { ...config(home, base, { log }), flags: ["--logger_plugin=http"] };
  const { daemon } = await started(home, options);
  await requested;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { daemon, close };
}

/** Log files and queue as on a file system without room. */
async function withFullDisk(home: DaemonHome, base: object): Promise<Faulty> {
  mkdirSync(home.logPath, { mode: 0o700 });
  for (const name of ["results.log", "INFO", "WARNING", "ERROR"])
    symlinkSync("/dev/full", join(home.logPath, `auditql.${name}`));
  const faulty = await started(home, config(home, base));
  const queue = join(home.statePath, "log-queues/filesystem");
  // Not removed: the daemon writes into it meanwhile.
  renameSync(queue, join(home.statePath, "former-queue"));
  symlinkSync("/dev/full", queue);
  return faulty;
}

/** Each query is a status line as long as its text. */
async function withStoppedReader(home: DaemonHome, base: object, logger: string) {
  const { config: given } = config(home, base);
  const { daemon } = await started(home, {
    config: {
      ...given,
      options: { logger_path: home.logPath, logger_stderr: logger !== "stdout" },
    },
    flags: [`--logger_plugin=${logger}`],
    isUnread: true,
  });
  const sql = `select 1 -- ${"x".repeat(60_000)}`;
  for (let i = 0; i < 20; i++) await daemon.send("POST", "/v1/query", { sql });
  return { daemon, ...faultless };
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // The daemon has ended it.
  }
}

async function withStoppedWorkers(home: DaemonHome, base: object): Promise<Faulty> {
  const { daemon } = await started(home, config(home, base));
  const path = `/proc/${daemon.pid}/task/${daemon.pid}/children`;
  const workers = () => readFileSync(path, "utf8").trim().split(" ").filter(Boolean).map(Number);
  await eventually(
    async () => workers().length,
    (count) => count > 0,
  );
  const stopped = workers();
  for (const pid of stopped) process.kill(pid, "SIGSTOP");
  // A stopped worker does not see that its daemon has gone, and would hold its stderr open.
  void daemon.exited().then(() => {
    for (const pid of stopped) killIfThere(pid);
  });
  // It waits for a worker that does not answer.
  daemon.query("select count(*) from processes").catch(() => {});
  await sleep(500);
  return { daemon, ...faultless };
}

async function withEndlessQuery(home: DaemonHome, base: object): Promise<Faulty> {
  const { daemon } = await started(home, config(home, base));
  const sql =
    "with recursive c(n) as (select 1 union all select n + 1 from c) select count(*) from c";
  daemon.query(sql).catch(() => {});
  await sleep(500);
  return { daemon, ...faultless };
}

async function broken(home: DaemonHome, base: object, how: "block" | "throw" | "abort") {
  process.env["AUDITQL_TEST_BREAK"] = how;
  const options = { ...config(home, base), nodeArguments: ["--import", breaker] };
  const { daemon } = await started(home, options);
  daemon.signal("SIGUSR2");
  await sleep(500);
  return { daemon, ...faultless };
}

async function withHangingStart(home: DaemonHome, base: object): Promise<Faulty> {
  const daemon = DaemonProcess.launch(home, hangingLogger(home, base, "start"));
  // It has opened its store, and waits for its logger.
  await eventually(
    async () => readFileSync(`/proc/${daemon.pid}/maps`, "utf8").includes("process_events"),
    Boolean,
  );
  await sleep(500);
  return { daemon, ...faultless };
}

/** Everything that the daemon waits for somewhere, hanging. */
export const stopFaults: readonly StopFault[] = [
  { name: "no fault", start: (home, base) => started(home, config(home, base)) },
  { name: "log files and their queue on a full disk", start: withFullDisk },
  {
    name: "a logger that never answers",
    start: (home, base) => withHangingLogger(home, base, "write"),
  },
  {
    name: "a logger that waits in open(2) of a FIFO",
    start: (home, base) => withHangingLogger(home, base, "file"),
  },
  { name: "a receiver that never answers", start: withSilentReceiver },
  {
    name: "a stopped reader of standard error",
    start: (home, base) => withStoppedReader(home, base, "filesystem"),
  },
  {
    name: "a stopped reader of standard output",
    start: (home, base) => withStoppedReader(home, base, "stdout"),
  },
  { name: "stopped workers", start: withStoppedWorkers },
  { name: "an endless query", start: withEndlessQuery },
  { name: "a blocked main thread", start: (home, base) => broken(home, base, "block") },
  { name: "a start that hangs", start: withHangingStart },
];

/** How the process ends by itself, without a signal. */
export const breakages: readonly StopFault[] = [
  { name: "an exception that nobody catches", start: (home, base) => broken(home, base, "throw") },
  { name: "an abort", start: (home, base) => broken(home, base, "abort") },
];
