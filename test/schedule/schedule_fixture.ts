import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { Config } from "../../src/config/config.js";
import { requireConfig } from "../../src/config/load_config.js";
import type { LogBatch, ResultSink } from "../../src/schedule/result_sink.js";
import { Schedule } from "../../src/schedule/schedule.js";
import { temporaryFolder } from "../config/temporary_folder.js";
import { FakeClock, settled } from "./fake_clock.js";
import { SqliteRunner, SqliteStore } from "./sqlite_runner.js";

export const startMs = Date.UTC(2026, 7, 6, 21, 46, 0);

/** Keeps what was accepted; may be told to refuse. */
class KeepingSink implements ResultSink {
  readonly batches: LogBatch[] = [];
  refuses = false;

  async accept(batch: LogBatch): Promise<void> {
    if (this.refuses) throw new Error("the sink refuses");
    this.batches.push(batch);
  }

  lines(): string[] {
    return this.batches.flatMap((batch) => batch.lines.toString("utf8").split("\n").slice(0, -1));
  }

  /** Columns of the rows that were logged for a query. */
  rows(query: string): Record<string, string>[] {
    return this.lines()
      .map((line): { name: string; columns: Record<string, string> } => JSON.parse(line))
      .filter((line) => line.name === query)
      .map((line) => line.columns);
  }

  clear(): void {
    this.batches.length = 0;
  }
}

/** A schedule over a SQLite store, with a clock that the test moves. */
export class ScheduleFixture {
  readonly folder: string;
  readonly store = new SqliteStore();
  readonly runner = new SqliteRunner(this.store);
  readonly sink = new KeepingSink();
  readonly clock = new FakeClock(startMs);
  readonly messages: string[] = [];
  #schedule: Schedule | null = null;

  readonly #random: () => number;

  constructor(context: TestContext, options: { readonly random?: () => number } = {}) {
    // In the middle of the splay: the interval itself.
    this.#random = options.random ?? (() => 0.5);
    this.folder = temporaryFolder(context);
    this.store.declare("process_events", "time INTEGER, pid INTEGER, parent INTEGER, path TEXT");
    this.store.declare("socket_events", "time INTEGER, pid INTEGER, remote_port INTEGER");
    context.after(() => this.stop());
  }

  config(file: unknown): Config {
    const path = join(this.folder, "osquery.conf");
    writeFileSync(path, JSON.stringify(file));
    return requireConfig({ args: [`--config_path=${path}`] }).config;
  }

  /** What runs that read facts wait for. */
  factsSettled: () => Promise<void> = async () => {};

  async start(file: unknown): Promise<Schedule> {
    const note = (message: string) => void this.messages.push(message);
    this.#schedule = new Schedule({
      runner: this.runner,
      tables: this.store,
      sink: this.sink,
      clock: this.clock,
      log: { info: note, warn: note, error: note },
      stateDirectory: join(this.folder, "state"),
      random: this.#random,
      factsSettled: () => this.factsSettled(),
    });
    await this.#schedule.start(this.config(file));
    await settled();
    return this.#schedule;
  }

  async stop(): Promise<void> {
    await this.#schedule?.stop();
    this.#schedule = null;
  }

  async passSeconds(seconds: number): Promise<void> {
    await this.clock.advanceTo(this.clock.now() + seconds * 1000);
  }

  count(metric: string): number {
    return this.store.counts.get(`schedule.${metric}`) ?? 0;
  }
}

/** A file with a schedule of these queries, and options that make lines predictable. */
export function fileOf(
  schedule: Readonly<Record<string, unknown>>,
  options: Readonly<Record<string, unknown>> = {},
) {
  return {
    options: { host_identifier: "specified", specified_identifier: "host1", ...options },
    schedule,
  };
}
