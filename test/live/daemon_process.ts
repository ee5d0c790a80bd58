import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "./eventually.js";

/** How long an event may be held back before it is stored (`max_wait_ns` of the reassembler). */
const longestHoldMs = 2000;

/** A daemon that takes longer to stop hangs. */
const longestStopMs = 60_000;

/** One answer of the daemon's HTTP API over its unix socket. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly elapsedMs: number;
}

export interface DaemonOptions {
  /** Merged over the test's configuration. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Arguments for node in front of the program. */
  readonly nodeArguments?: readonly string[];
  /** Flags that only the command line takes. */
  readonly flags?: readonly string[];
  /** Command that ends with exec(2) of the arguments behind it. */
  readonly launcher?: readonly string[];
  /** Nobody reads what it writes to standard output and error. */
  readonly isUnread?: boolean;
}

/** A directory for state and logs that survives restarts of the daemon under test. */
export class DaemonHome {
  readonly path = mkdtempSync("/tmp/auditql-live-");
  readonly statePath = join(this.path, "state");
  readonly logPath = join(this.path, "log");
  readonly socketPath = join(this.statePath, "auditql.sock");
  readonly resultsPath = join(this.logPath, "auditql.results.log");

  /** Writes the daemon's configuration, with `config` merged over the test's; gives its path. */
  writeConfig(config: Readonly<Record<string, unknown>>): string {
    const path = join(this.path, "auditql.conf");
    writeFileSync(path, JSON.stringify(configuration(this, config)));
    return path;
  }

  /** Whole lines of the results log; none while it has not been made. */
  results(): readonly Record<string, unknown>[] {
    if (!existsSync(this.resultsPath)) return [];
    // What is being written may be there in part.
    const lines = readFileSync(this.resultsPath, "utf8").split("\n").slice(0, -1);
    return lines.map((line) => {
      const parsed: Record<string, unknown> = JSON.parse(line);
      return parsed;
    });
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** The real daemon as a child process. */
export class DaemonProcess {
  readonly #child: ChildProcess;
  readonly #home: DaemonHome;
  /** Settled once it has ended and all that it said has been read. */
  readonly #closed: Promise<unknown>;
  readonly #exited: Promise<unknown>;
  stderr = "";

  // biome-ignore lint/style/useConsistentMemberAccessibility: only the static method makes one.
  private constructor(child: ChildProcess, home: DaemonHome, isUnread: boolean) {
    this.#child = child;
    this.#home = home;
    this.#exited = once(child, "exit");
    // A stream that is not read does not end.
    this.#closed = isUnread ? this.#exited : once(child, "close");
    if (isUnread) return;
    child.stderr?.on("data", (data: Buffer) => {
      this.stderr += data.toString();
    });
  }

  /** Starts it and waits until it says that it is ready. */
  static async start(home: DaemonHome, options: DaemonOptions = {}): Promise<DaemonProcess> {
    const daemon = DaemonProcess.launch(home, options);
    const isReady = async () => (await daemon.get("/readyz").catch(() => null))?.status === 200;
    await eventually(isReady, (ready) => ready || daemon.#child.exitCode !== null);
    if (daemon.#child.exitCode === null && (await isReady())) return daemon;
    await daemon.kill();
    throw new Error(`the daemon did not become ready:\n${daemon.stderr}`);
  }

  /** Starts it only. */
  static launch(home: DaemonHome, options: DaemonOptions = {}): DaemonProcess {
    const configPath = home.writeConfig(options.config ?? {});
    const { launcher = [], nodeArguments = [], flags = [], isUnread = false } = options;
    const daemon = ["dist/src/main.js", "daemon", `--config_path=${configPath}`, ...flags];
    const [program = "", ...args] = [...launcher, process.execPath, ...nodeArguments, ...daemon];
    const stdout = isUnread ? "pipe" : "inherit";
    const child = spawn(program, args, { stdio: ["ignore", stdout, "pipe"] });
    return new DaemonProcess(child, home, isUnread);
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error("the daemon was not started");
    return this.#child.pid;
  }

  get hasExited(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Settles once it has ended, even if others still hold its `stderr`. */
  async exited(): Promise<void> {
    await this.#exited;
  }

  /** Exit status, once it has ended and `stderr` is whole. */
  async ended(): Promise<number | null> {
    await this.#closed;
    return this.#child.exitCode;
  }

  /** Ends it as an administrator would; null when it had to be killed. */
  async stop(): Promise<number | null> {
    this.#child.kill("SIGTERM");
    const impatience = setTimeout(() => this.#child.kill("SIGKILL"), longestStopMs);
    const status = await this.ended();
    clearTimeout(impatience);
    return status;
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.ended();
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  get(path: string): Promise<Answer> {
    return this.send("GET", path);
  }

  /** Rows of a query; throws with the daemon's problem when it is refused. */
  async query(sql: string): Promise<readonly Record<string, unknown>[]> {
    const answer = await this.send("POST", "/v1/query", { sql });
    if (answer.status !== 200) throw new Error(`${answer.status}: ${answer.body}`);
    const parsed: { rows: Record<string, unknown>[] } = JSON.parse(answer.body);
    return parsed.rows;
  }

  /** One number. */
  async number(sql: string): Promise<number> {
    const [row] = await this.query(sql);
    return Number(Object.values(row ?? {})[0]);
  }

  /** Rows of a query once there are `wanted` or more of them; fewer when they do not come. */
  rowsOnce(sql: string, wanted: number): Promise<readonly Record<string, unknown>[]> {
    return eventually(
      () => this.query(sql),
      (rows) => rows.length >= wanted,
    );
  }

  /** Number that a query answers with, once it is `wanted` or more. */
  numberOnce(sql: string, wanted: number): Promise<number> {
    return eventually(
      () => this.number(sql),
      (value) => value >= wanted,
    );
  }

  /**
   * Waits until all that the host did before is in the tables. An event of which the kernel sent only
   * a part, and a life that is still being folded, are held back for at most two seconds more; a
   * second process shows that the data plane has looked since.
   */
  async caughtUp(): Promise<void> {
    await this.#storedUntilNow();
    await sleep(longestHoldMs);
    await this.#storedUntilNow();
  }

  /** A process that is run now is stored behind all that was done before. */
  async #storedUntilNow(): Promise<void> {
    const before = await this.number("select coalesce(max(eid), 0) from process_events");
    const { pid } = spawnSync("/bin/true");
    const end = `select eid from process_events
      where event_action = 'exit' and pid = ${pid} and eid > ${before}`;
    if ((await this.rowsOnce(end, 1)).length === 0) throw new Error(`no exit of process ${pid}`);
  }

  send(method: string, path: string, body?: unknown): Promise<Answer> {
    const started = performance.now();
    const text = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          socketPath: this.#home.socketPath,
          // A kept connection may be closed by the server at the moment of the next request.
          agent: false,
          method,
          path,
          headers: {
            host: "localhost",
            ...(text === undefined ? {} : { "content-type": "application/json" }),
          },
        },
        (response) => {
          const parts: Buffer[] = [];
          response.on("data", (part: Buffer) => parts.push(part));
          response.on("end", () =>
            resolve({
              status: response.statusCode ?? 0,
              body: Buffer.concat(parts).toString(),
              elapsedMs: performance.now() - started,
            }),
          );
          response.on("error", reject);
        },
      );
      sent.on("error", reject);
      sent.end(text);
    });
  }
}

/** The backend of tests that name none; others say `auto`. */
const defaultBackend = "audit";

function configuration(home: DaemonHome, extra: Readonly<Record<string, unknown>>): unknown {
  const config: Record<string, unknown> & { auditql: Record<string, unknown> } = {
    options: { logger_path: home.logPath, disable_watchdog: true },
    auditql: { state_path: home.statePath, http: { port: 0 }, log: {} },
    schedule: {
      executions: {
        query:
          "select eid, time, pid, parent, path, cmdline from process_events where event_action = 'exec'",
        interval: 1,
      },
      connections: {
        query:
          "select eid, time, pid, path, remote_address, remote_port, status from socket_events where action = 'connect'",
        interval: 1,
      },
    },
    ...extra,
  };
  const { capture } = config.auditql;
  return {
    ...config,
    auditql: { ...config.auditql, capture: { backend: defaultBackend, ...Object(capture) } },
  };
}
