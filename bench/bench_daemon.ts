import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("../src/main.js", import.meta.url));

/** The real daemon on a state directory that is filled already. It captures nothing. */
export class BenchDaemon {
  private readonly child: ChildProcess;
  private readonly socketPath: string;

  private constructor(child: ChildProcess, socketPath: string) {
    this.child = child;
    this.socketPath = socketPath;
  }

  /** `home` is a directory for its configuration and logs; `home`/state holds its tables. */
  static async start(home: string): Promise<BenchDaemon> {
    const statePath = join(home, "state");
    const configPath = join(home, "auditql.conf");
    writeFileSync(configPath, JSON.stringify(configuration(home, statePath)));
    const child = spawn(process.execPath, [PROGRAM, "daemon", `--config_path=${configPath}`], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    child.stderr.on("data", (part: Buffer) => {
      said = (said + part.toString()).slice(-4096);
    });
    const daemon = new BenchDaemon(child, join(statePath, "auditql.sock"));
    for (let tries = 0; tries < 1200 && child.exitCode === null; tries++) {
      if (await daemon.isReady()) return daemon;
      await sleep(50);
    }
    child.kill("SIGKILL");
    throw new Error(`the daemon did not become ready: ${said}`);
  }

  private async isReady(): Promise<boolean> {
    try {
      await this.send("GET", "/readyz", null);
      return true;
    } catch {
      return false;
    }
  }

  /** Bytes of the answer, as NDJSON, which are counted and dropped. */
  query(sql: string): Promise<number> {
    const limits = { timeoutMs: 600_000, maxRows: 100_000_000, maxBytes: 16 * 2 ** 30 };
    return this.send("POST", "/v1/query", JSON.stringify({ sql, format: "ndjson", limits }));
  }

  private send(method: string, path: string, body: string | null): Promise<number> {
    const headers = {
      host: "localhost",
      ...(body === null ? {} : { "content-type": "application/json" }),
    };
    return new Promise((resolve, reject) => {
      const sent = request({ socketPath: this.socketPath, method, path, headers }, (response) => {
        let bytes = 0;
        response.on("data", (part: Buffer) => {
          bytes += part.length;
        });
        response.on("error", reject);
        response.on("end", () => {
          if (response.statusCode === 200) resolve(bytes);
          else reject(new Error(`${path}: status ${response.statusCode}`));
        });
      });
      sent.on("error", reject);
      sent.end(body ?? undefined);
    });
  }

  /** Resident bytes of the daemon and its workers; a page that several map counts once. */
  residentBytes(): { readonly total: number; readonly processes: number } {
    const pids = withDescendants(this.child.pid ?? 0);
    return { total: pids.reduce((sum, pid) => sum + pssBytes(pid), 0), processes: pids.length };
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    this.child.kill("SIGTERM");
    await once(this.child, "exit");
  }
}

function configuration(home: string, statePath: string): unknown {
  return {
    options: { logger_path: join(home, "log"), events_expiry: 0, events_max: 100_000_000 },
    auditql: {
      state_path: statePath,
      http: { port: 0 },
      capture: { backend: "none" },
      events_max_bytes: 64 * 2 ** 30,
    },
  };
}

function withDescendants(pid: number): readonly number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, "latin1")
      .split(" ")
      .map(Number)
      .filter((child) => child > 0),
  );
  return [pid, ...children.flatMap(withDescendants)];
}

function pssBytes(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "latin1");
  return Number(rollup.match(/^Pss:\s+(\d+) kB$/m)?.[1] ?? 0) * 1024;
}
