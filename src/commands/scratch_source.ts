import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { QuerySource } from "../client/query_source.js";
import { createRunnerSource } from "../client/runner_source.js";
import { loadAddon } from "../native/addon.js";
import type { Engine } from "../native/engine.js";
import type { QueryRunner } from "../sql/query.js";
import { WorkerPool, type WorkerPoolOptions } from "../sql/worker_pool.js";
import type { DaemonRows } from "../tables/daemon_rows.js";
import { tableSchemas } from "../tables/generated/table_schemas.js";

/** An event store of this process's own, and SQL over it. */
export interface Scratch {
  readonly engine: Engine;
  readonly source: QuerySource;
  readonly runner: QueryRunner;
}

/** One user asks, and waits: only the memory of a worker is bounded. */
const scratchLimits = {
  timeoutMs: 3_600_000,
  maxRows: 0,
  maxBytes: 0,
  maxMemoryBytes: 1024 * 1024 * 1024,
};

/** Tables of a configuration, who is told what cannot be used of them, and rows of the tables that
 * only a daemon knows. */
type ScratchTables = Pick<WorkerPoolOptions, "userTables" | "onProblem"> & {
  readonly daemonRows?: DaemonRows;
};

/** Opens an empty store in a temporary directory for `act`; the directory goes away with it. */
export async function withScratchSource<T>(
  address: string,
  act: (scratch: Scratch) => Promise<T>,
  tables: ScratchTables = {},
): Promise<T> {
  const addon = loadAddon();
  // Mode 0700: recorded events are nobody else's business.
  const directory = mkdtempSync(join(tmpdir(), "auditql-"));
  const forget = removeOnSignal(directory);
  try {
    const engine = addon.openEngine({ stateDirectory: directory, limits: unbounded() });
    try {
      return await withSource(address, { engine, act, tables });
    } finally {
      engine.close();
    }
  } finally {
    forget();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function withSource<T>(
  address: string,
  {
    engine,
    act,
    tables: { daemonRows = {}, ...tables },
  }: {
    readonly engine: Engine;
    readonly act: (scratch: Scratch) => Promise<T>;
    readonly tables: ScratchTables;
  },
): Promise<T> {
  const runner = new WorkerPool({
    ...tables,
    store: engine.storeLocation(),
    counter: (key) => engine.counter(key),
  });
  runner.setDaemonRows(() => daemonRows);
  const source = createRunnerSource({
    address,
    runner,
    tables: Object.values(tableSchemas),
    limits: scratchLimits,
  });
  try {
    return await act({ engine, source, runner });
  } finally {
    await source.close();
  }
}

/** Old events are what a recording is asked about: nothing expires. */
function unbounded() {
  const events = Object.values(tableSchemas).filter((table) => table.kind === "event");
  const limits = { maxRows: 0, expirySeconds: 0, maxBytes: 0 };
  return Object.fromEntries(events.map((table) => [table.name, limits]));
}

/** Removes the directory when a signal ends the process, which runs no `finally`. */
function removeOnSignal(directory: string): () => void {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const forget = () => {
    for (const signal of signals) process.removeListener(signal, end);
  };
  const end = (signal: NodeJS.Signals) => {
    forget();
    rmSync(directory, { recursive: true, force: true });
    process.kill(process.pid, signal);
  };
  for (const signal of signals) process.on(signal, end);
  return forget;
}
