import { closeSync } from "node:fs";
import type { EnrichmentConfig } from "../config/enrichment_schema.js";
import type { Addon } from "../native/addon.js";
import type { Engine } from "../native/engine.js";
import type { ExecutableRequest } from "../native/enrichment_store.js";
import type { Host } from "../tables/host.js";
import { ContainerEnricher, containerSources } from "./container_enricher.js";
import { CpuBudget } from "./cpu_budget.js";
import { ExecutableEnricher } from "./executable_enricher.js";
import { FileDigests } from "./file_digests.js";
import { FileHasher } from "./file_hasher.js";
import { PackageIndex } from "./package_index.js";
import type { OwnerPackage } from "./package_path_index.js";
import type { StoredContainer } from "./stored_container.js";
import type { StoredExecutable } from "./stored_executable.js";
import { withTimeout } from "./with_timeout.js";
import { WorkQueue, type WorkQueueOptions } from "./work_queue.js";

export interface EnrichmentOptions {
  readonly config: EnrichmentConfig;
  readonly engine: Pick<
    Engine,
    "takeExecutables" | "takeContainers" | "onQuestions" | "storeFact" | "bounds" | "counter"
  >;
  readonly addon: Pick<Addon, "startXxh64">;
  /** The host whose packages own files. */
  readonly host: Host;
  /** Reads what was found out before the start. */
  readonly readStored: StoredRows;
  readonly onError: (error: unknown) => void;
}

/** What is stored, by subject; `most`: rows that are remembered. */
interface StoredRows {
  readonly executables: () => Promise<readonly StoredExecutable[]>;
  readonly containers: (most: number) => Promise<readonly StoredContainer[]>;
}

type Subject = keyof StoredRows;

/** A line, whatever its questions are. */
interface SubjectLine {
  readonly subject: Subject;
  wake(): void;
  settled(timeoutMs: number): Promise<boolean>;
  close(timeoutMs: number): Promise<void>;
}

/** Questions come in bursts: those of so long are taken together. */
const gatherMs = 50;
const burstMs = 1000;
const readTimeoutMs = 5000;
const askTimeoutMs = 2000;
/** Each executable that waits holds a descriptor. */
const capacity = 256;
const containerCacheEntries = 4096;

/** Answers what capture asks about executed files and containers, beside its way. */
export class Enrichment {
  readonly #options: EnrichmentOptions;
  readonly #lines: readonly SubjectLine[];
  #gathering: NodeJS.Timeout | null = null;
  /** Resolves when what is stored is remembered; until then nothing is asked, so that nothing is
   * stored twice. */
  readonly #remembered: Promise<void>;
  #isReady = false;
  #cpuMs = 0;

  constructor(options: EnrichmentOptions) {
    this.#options = options;
    const { engine } = options;
    const executables = this.#enrichExecutables();
    const containers = this.#enrichContainers();
    this.#lines = [
      this.#line("executables", {
        take: (limit) => engine.takeExecutables(limit),
        cost: ({ size }) => size,
        answer: (request) => executables.answer(request),
        release: ({ heldFd }) => {
          if (heldFd !== null) closeSync(heldFd);
        },
      }),
      this.#line("containers", {
        take: (limit) => engine.takeContainers(limit),
        cost: () => 0,
        answer: (request) => containers.answer(request),
        release: () => {},
      }),
    ];
    this.#remembered = this.#remember(executables, containers);
    engine.onQuestions(() => this.#wakeSoon());
  }

  async #remember(executables: ExecutableEnricher, containers: ContainerEnricher): Promise<void> {
    const { readStored, onError } = this.#options;
    const remembered = await Promise.allSettled([
      readStored.executables().then((stored) => executables.remember(stored)),
      readStored.containers(containerCacheEntries).then((stored) => containers.remember(stored)),
    ]);
    for (const each of remembered) {
      // Files are hashed, and containers stored, again then.
      if (each.status === "rejected") onError(each.reason);
    }
    this.#isReady = true;
    this.#wake();
  }

  #wakeSoon(): void {
    this.#gathering ??= setTimeout(() => this.#wake(), gatherMs);
  }

  #wake(): void {
    this.#gathering = null;
    if (this.#isReady) for (const line of this.#lines) line.wake();
  }

  /** Resolves when everything that was asked before is answered, or has taken too long. */
  async settled(): Promise<void> {
    const { wait_ms: waitMs } = this.#options.config;
    await withTimeout(this.#remembered, waitMs);
    await Promise.all(
      this.#lines.map(async (line) => {
        if (!(await line.settled(waitMs))) this.#counter(line.subject, "read_too_early").add();
      }),
    );
  }

  async close(): Promise<void> {
    if (this.#gathering !== null) clearTimeout(this.#gathering);
    await withTimeout(this.#remembered, readTimeoutMs);
    await Promise.all(this.#lines.map((line) => line.close(readTimeoutMs)));
  }

  #line<Request>(
    subject: Subject,
    how: Pick<WorkQueueOptions<Request>, "take" | "cost" | "answer" | "release">,
  ): SubjectLine {
    const line = new WorkQueue({
      ...how,
      capacity,
      count: (what) => this.#counter(subject, "answered", what).add(),
      onError: this.#options.onError,
    });
    return {
      subject,
      wake: () => line.wake(),
      settled: (timeoutMs) => line.settled(timeoutMs),
      close: (timeoutMs) => line.close(timeoutMs),
    };
  }

  #enrichExecutables(): ExecutableEnricher {
    const { config, engine } = this.#options;
    const hasher = this.#hasher();
    const ownerOf = this.#ownerOf();
    return new ExecutableEnricher({
      hash: (request) => (config.hashes.length > 0 ? hasher.hash(request) : Promise.resolve(null)),
      ownerOf: (request) => (config.packages ? ownerOf(request) : Promise.resolve(null)),
      cacheEntries: config.cache_entries,
      firstEid: () => engine.bounds("executables").firstEid,
      store: (row) => engine.storeFact("executables", row),
    });
  }

  #hasher(): FileHasher {
    const { config, addon } = this.#options;
    const share = config.cpu_percent / 100;
    return new FileHasher({
      startDigests: () => new FileDigests(addon, config.hashes),
      maxBytes: config.max_file_bytes,
      budget: new CpuBudget({ share, burstMs, now: () => performance.now() }),
      timeoutMs: readTimeoutMs,
      onSpent: (ms) => this.#spent(ms),
    });
  }

  /** Whose package a path is, where the file that it names on the host is the executed one. */
  #ownerOf(): (request: ExecutableRequest) => Promise<OwnerPackage | null> {
    const { host } = this.#options;
    const packages = new PackageIndex({
      host,
      now: () => performance.now(),
      onSpent: (ms) => this.#spent(ms),
    });
    return async ({ path, inode, ctimeNs }) => {
      const text = path.toString();
      const found = host.stat(text);
      if (found === null || found.ino !== inode || found.ctimeNs !== ctimeNs) return null;
      return packages.ownerOf(text);
    };
  }

  #enrichContainers(): ContainerEnricher {
    const { config, engine } = this.#options;
    return new ContainerEnricher({
      sources: containerSources(config, askTimeoutMs),
      cacheEntries: containerCacheEntries,
      firstEid: () => engine.bounds("containers").firstEid,
      store: (row) => engine.storeFact("containers", row),
    });
  }

  #spent(ms: number): void {
    this.#cpuMs += ms;
    this.#counter("executables", "cpu_ms").set(Math.round(this.#cpuMs));
  }

  #counter(name: Subject, metric: string, reason?: string) {
    const key = { stage: "enrich", name, metric } as const;
    return this.#options.engine.counter(reason === undefined ? key : { ...key, reason });
  }
}
