import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

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
}

/** A directory for state and logs that survives restarts of the daemon under test. */
export class DaemonHome {
  readonly path = mkdtempSync("/tmp/auditql-live-");
  readonly statePath = join(this.path, "state");
  readonly logPath = join(this.path, "log");
  readonly socketPath = join(this.statePath, "auditql.sock");
  readonly resultsPath = join(this.logPath, "auditql.results.log");

  results(): readonly Record<string, unknown>[] {
    const lines = readFileSync(this.resultsPath, "utf8").trimEnd().split("\n");
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
  private readonly child: ChildProcess;
  private readonly home: DaemonHome;
  stderr = "";

  private constructor(child: ChildProcess, home: DaemonHome) {
    this.child = child;
    this.home = home;
    child.stderr?.on("data", (data: Buffer) => {
      this.stderr += data.toString();
    });
  }

  /** Starts it and waits until it says that it is ready. */
  static async start(home: DaemonHome, options: DaemonOptions = {}): Promise<DaemonProcess> {
    const daemon = DaemonProcess.launch(home, options);
    for (let tries = 0; tries < 600; tries++) {
      if (daemon.child.exitCode !== null) break;
      const ready = await daemon.get("/readyz").catch(() => null);
      if (ready?.status === 200) return daemon;
      await sleep(50);
    }
    await daemon.kill();
    throw new Error(`the daemon did not become ready:\n${daemon.stderr}`);
  }

  /** Starts it only. */
  static launch(home: DaemonHome, options: DaemonOptions = {}): DaemonProcess {
    const configPath = join(home.path, "auditql.conf");
    writeFileSync(configPath, JSON.stringify(configuration(home, options.config ?? {})));
    const child = spawn(
      process.execPath,
      [
        ...(options.nodeArguments ?? []),
        "dist/src/main.js",
        "daemon",
        `--config_path=${configPath}`,
      ],
      { stdio: ["ignore", "inherit", "pipe"] },
    );
    return new DaemonProcess(child, home);
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error("the daemon was not started");
    return this.child.pid;
  }

  /** Exit status, once it has ended. */
  async ended(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      await once(this.child, "exit");
    }
    return this.child.exitCode;
  }

  async stop(): Promise<number | null> {
    this.child.kill("SIGTERM");
    return this.ended();
  }

  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.ended();
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
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

  send(method: string, path: string, body?: unknown): Promise<Answer> {
    const started = performance.now();
    const text = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          socketPath: this.home.socketPath,
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

function configuration(home: DaemonHome, extra: Readonly<Record<string, unknown>>): unknown {
  return {
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
}
