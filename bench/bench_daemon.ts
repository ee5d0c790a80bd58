import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { treeBytes, withDescendants } from "./process_usage.js";

const program = fileURLToPath(new URL("../src/main.js", import.meta.url));

export interface Answer {
  readonly bytes: number;
  /** From the sending of the request. */
  readonly firstByteMs: number;
}

interface Call {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body: string | null;
  readonly isCutOff?: boolean;
}

/** Memory of the daemon and its workers (proc_pid_smaps(5)). */
interface ResidentBytes {
  /** A page that several map counts once. */
  readonly total: number;
  /** What they wrote and share with nobody: heaps, and no page of a table. */
  readonly private: number;
  readonly processes: number;
}

interface DaemonOptions {
  /** Of capture; `none` for a daemon on a state directory that is filled already. */
  readonly backend: "none" | "audit" | "ebpf";
  /** Settings of `auditql.enrichment`. */
  readonly enrichment?: object;
  /** A folder whose files' changes are told. */
  readonly watched?: string;
}

/** The real daemon. */
export class BenchDaemon {
  readonly #child: ChildProcess;
  readonly #socketPath: string;

  // biome-ignore lint/style/useConsistentMemberAccessibility: only the static method makes one.
  private constructor(child: ChildProcess, socketPath: string) {
    this.#child = child;
    this.#socketPath = socketPath;
  }

  /** `home` is a directory for its configuration and logs; `home`/state holds its tables. */
  static async start(
    home: string,
    options: DaemonOptions = { backend: "none" },
  ): Promise<BenchDaemon> {
    const statePath = join(home, "state");
    const configPath = join(home, "auditql.conf");
    writeFileSync(configPath, JSON.stringify(configuration(home, options)));
    const child = spawn(process.execPath, [program, "daemon", `--config_path=${configPath}`], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    child.stderr.on("data", (part: Buffer) => {
      said = (said + part.toString()).slice(-4096);
    });
    const daemon = new BenchDaemon(child, join(statePath, "auditql.sock"));
    for (let tries = 0; tries < 1200 && child.exitCode === null; tries++) {
      if (await daemon.#isReady()) return daemon;
      await sleep(50);
    }
    child.kill("SIGKILL");
    throw new Error(`the daemon did not become ready: ${said}`);
  }

  async #isReady(): Promise<boolean> {
    try {
      await this.#send({ method: "GET", path: "/readyz", body: null });
      return true;
    } catch {
      return false;
    }
  }

  /** Bytes of the answer, as NDJSON, which are counted and dropped. */
  async query(sql: string): Promise<number> {
    return (await this.stream(sql)).bytes;
  }

  /** The same, and when it began; `isCutOff`: no more than its beginning. */
  stream(sql: string, { isCutOff = false } = {}): Promise<Answer> {
    const limits = { timeoutMs: 600_000, maxRows: 100_000_000, maxBytes: 16 * 2 ** 30 };
    const body = JSON.stringify({ sql, format: "ndjson", limits });
    return this.#send({ method: "POST", path: "/v1/query", body, isCutOff });
  }

  /** A file of the page, as browsers ask for it. */
  fetchPage(path: string): Promise<Answer> {
    return this.#send({ method: "GET", path, body: null });
  }

  /** The id of the query that runs, as soon as one does. */
  async runningQuery(): Promise<string> {
    for (;;) {
      const answer = await this.open("GET", "/v1/queries", null);
      const { queries } = JSON.parse((await answer.toArray()).join(""));
      if (queries.length > 0) return String(queries[0].id);
      await sleep(5);
    }
  }

  /** An answer from its first byte on, whatever its status. */
  async open(method: string, path: string, body: string | null): Promise<IncomingMessage> {
    const type = body === null ? {} : { "content-type": "application/json" };
    const headers = { host: "localhost", ...type };
    const sent = request({ socketPath: this.#socketPath, method, path, headers, agent: false });
    const answered = once(sent, "response");
    sent.end(body ?? undefined);
    const [answer]: IncomingMessage[] = await answered;
    if (answer === undefined) throw new Error(`${path}: no answer`);
    return answer;
  }

  #send({ method, path, body, isCutOff = false }: Call): Promise<Answer> {
    const headers = {
      host: "localhost",
      "accept-encoding": "br",
      ...(body === null ? {} : { "content-type": "application/json" }),
    };
    const startedAt = performance.now();
    const options = { socketPath: this.#socketPath, method, path, headers, agent: false };
    return new Promise((resolve, reject) => {
      const sent = request(options, (response) => {
        let bytes = 0;
        let firstByteMs = 0;
        const answer = () => {
          if (response.statusCode === 200) resolve({ bytes, firstByteMs });
          else reject(new Error(`${path}: status ${response.statusCode}`));
        };
        response.on("data", (part: Buffer) => {
          if (bytes === 0) firstByteMs = performance.now() - startedAt;
          bytes += part.length;
          if (isCutOff) answer();
          if (isCutOff) sent.destroy();
        });
        response.on("error", reject);
        response.on("end", answer);
      });
      sent.on("error", reject);
      sent.end(body ?? undefined);
    });
  }

  /** Rows of a small result. */
  async rows(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const answer = await this.open("POST", "/v1/query", JSON.stringify({ sql }));
    const parsed: { rows: Record<string, unknown>[] } = JSON.parse(
      (await answer.toArray()).join(""),
    );
    return parsed.rows;
  }

  /** The number that a query answers with. */
  async number(sql: string): Promise<number> {
    const [row] = await this.rows(sql);
    return Number(Object.values(row ?? {})[0]);
  }

  /** Processes of its own: the query workers. */
  children(): readonly number[] {
    return withDescendants(this.pid).slice(1);
  }

  /** Of the daemon alone. */
  get pid(): number {
    if (this.#child.pid === undefined) throw new Error("the daemon was not started");
    return this.#child.pid;
  }

  /** Of the daemon alone, shared pages included (proc_pid_statm(5)). */
  residentMiB(): number {
    const pages = Number(readFileSync(`/proc/${this.pid}/statm`, "latin1").split(" ")[1]);
    return (pages * 4096) / 2 ** 20;
  }

  residentBytes(): ResidentBytes {
    return {
      total: treeBytes(this.pid, "Pss"),
      private: treeBytes(this.pid, "Private_Dirty"),
      processes: withDescendants(this.pid).length,
    };
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    this.#child.kill("SIGTERM");
    await once(this.#child, "exit");
  }
}

function configuration(home: string, options: DaemonOptions): unknown {
  const { backend, enrichment = {}, watched } = options;
  const keepsAll = backend === "none";
  return {
    ...(watched === undefined ? {} : { file_paths: { watched: [`${watched}/%`] } }),
    options: {
      logger_path: join(home, "log"),
      enable_file_events: watched !== undefined,
      ...(keepsAll ? { events_expiry: 0, events_max: 100_000_000 } : {}),
    },
    auditql: {
      state_path: join(home, "state"),
      http: { port: 0 },
      capture: { backend },
      enrichment,
      ...(keepsAll ? { events_max_bytes: 64 * 2 ** 30 } : {}),
    },
  };
}
