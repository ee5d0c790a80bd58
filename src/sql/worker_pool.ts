import type { UserTables } from "../config/user_tables.js";
import { toAuditqlError } from "../errors.js";
import { loadAddon } from "../native/addon.js";
import type { QueryError, StatementInfo } from "../native/connection.js";
import type { Counter, CounterKey, StoreLocation } from "../native/engine.js";
import { type DaemonRows, readsDaemonTables } from "../tables/daemon_rows.js";
import { type HeldFiles, openHeldFiles } from "../tables/held_files.js";
import { PrivilegedAnswers } from "../tables/privileged_answers.js";
import { timerDelay } from "../util/timer_delay.js";
import type { QueryOutcome, QueryRequest, QueryRunner, RunningQuery } from "./query.js";
import { QueryJob } from "./query_job.js";
import { checkViews, noUserTables, type UserTableProblem } from "./user_tables.js";
import { accountsNeedNetwork, unusedAccount } from "./worker_account.js";
import { type LaneJob, WorkerLane } from "./worker_lane.js";
import { storeDescriptor, type WorkerSetup } from "./worker_messages.js";
import type { WorkerProcess } from "./worker_process.js";
import { WorkerRun } from "./worker_run.js";

export interface WorkerPoolOptions {
  readonly store: StoreLocation;
  /** Counters of the stage `sql`, named by lane. */
  readonly counter: (key: CounterKey) => Counter;
  /** Workers for queries of the schedule. */
  readonly maxScheduleWorkers?: number;
  /** Of these, how many are started at once and kept. */
  readonly warmScheduleWorkers?: number;
  /** Workers for all other queries. */
  readonly maxAdhocWorkers?: number;
  /** Of these, how many are started at once and kept, and how many are ready while others work. */
  readonly warmAdhocWorkers?: number;
  /** Queries that may wait for a worker, of either kind. */
  readonly maxQueued?: number;
  /** How long a worker without work is kept. */
  readonly idleMs?: number;
  /** How long after its deadline a query may go on before its worker is killed. */
  readonly graceMs?: number;
  /** The same after a cancel: what its worker does then, nobody waits for. */
  readonly cancelGraceMs?: number;
  /** How long a worker may take to start. */
  readonly startMs?: number;
  /** Private memory after a query beyond which a worker is replaced. */
  readonly retireBytes?: number;
  /** Private memory beyond which a worker is not kept without work. */
  readonly leanBytes?: number;
  /** Bytes that the address space of a worker may grow by, whatever a query is allowed. */
  readonly maxGrowthBytes?: number;
  /** How long a statement may take to be prepared where it is not run. */
  readonly inspectMs?: number;
  /** Tables and views of the configuration. */
  readonly userTables?: UserTables;
  /** Files and directories whose content no table returns, for any caller. */
  readonly protectedPaths?: () => readonly string[];
  /** Told once of each of them that cannot be defined; the subject is `table NAME` or `view NAME`. */
  readonly onProblem?: (message: string, subject: string) => void;
}

const defaults = {
  maxScheduleWorkers: 1,
  warmScheduleWorkers: 0,
  maxAdhocWorkers: 4,
  warmAdhocWorkers: 0,
  maxQueued: 1024,
  idleMs: 60_000,
  graceMs: 1000,
  cancelGraceMs: 150,
  startMs: 30_000,
  retireBytes: 192 * 2 ** 20,
  leanBytes: 48 * 2 ** 20,
  maxGrowthBytes: 2 * 2 ** 30,
  inspectMs: 5000,
  protectedPaths: (): readonly string[] => [],
  onProblem: (_message: string, _subject: string) => {},
};
type LaneName = "schedule" | "adhoc";

interface Lane {
  readonly workers: WorkerLane;
  readonly count: (metric: string, reason?: string) => Counter;
}

// Metrics of the endings that have one of their own.
const endingMetrics: Readonly<Record<string, string>> = {
  query_timeout: "timeouts",
  query_cancelled: "cancelled",
};

/** Runs queries in child processes, which can be killed: the only limit that always holds. */
export class WorkerPool implements QueryRunner {
  readonly #options: WorkerPoolOptions & typeof defaults;
  readonly #lanes: Readonly<Record<LaneName, Lane>>;
  readonly #tasks = new Map<string, QueryJob>();
  #daemonRows: () => DaemonRows = () => ({});
  #lastId = 0;
  #isClosed = false;
  #userTables: UserTables;
  /** Opened before this process drops rights, for workers at any later time. */
  readonly #heldFiles: HeldFiles = openHeldFiles();
  readonly #account = unusedAccount();
  /** Problems of the present tables, and of those before, which are not told again; by subject. */
  readonly #reported = new Map<string, string>();
  #reportedBefore: ReadonlyMap<string, string> = new Map();

  constructor(options: WorkerPoolOptions) {
    this.#options = { ...defaults, ...options };
    this.#userTables = options.userTables ?? noUserTables;
    this.#lanes = {
      schedule: this.#openLane("schedule", this.#options.maxScheduleWorkers),
      adhoc: this.#openLane("adhoc", this.#options.maxAdhocWorkers),
    };
    this.keepScheduleWorkers(this.#options.warmScheduleWorkers);
    this.#lanes.adhoc.workers.keepWarm(this.#options.warmAdhocWorkers);
    this.#checkViews();
  }

  /** Queries from now on see these tables and views of the configuration. */
  setUserTables(tables: UserTables): void {
    if (JSON.stringify(tables) === JSON.stringify(this.#userTables)) return;
    this.#userTables = tables;
    this.#reportedBefore = new Map(this.#reported);
    this.#reported.clear();
    for (const { workers } of Object.values(this.#lanes)) workers.renew();
    this.#checkViews();
  }

  #checkViews(): void {
    const userTables = this.#userTables;
    void checkViews(userTables.views, {
      inspect: (sql) => this.inspect(sql),
      report: (problem) => this.#report([problem]),
      timeoutMs: 2 * this.#options.inspectMs,
      isWanted: () => !this.#isClosed && this.#userTables === userTables,
    });
  }

  /** Has so many workers of the schedule ready at any time. */
  keepScheduleWorkers(count: number): void {
    this.#lanes.schedule.workers.keepWarm(count);
  }

  /**
   * Where the rows of the tables that only the daemon knows come from. They are asked for before
   * each query over these tables; of other tables, workers know what is told now.
   */
  setDaemonRows(daemonRows: () => DaemonRows): void {
    this.#daemonRows = daemonRows;
    for (const { workers } of Object.values(this.#lanes)) workers.sendDaemonRows(daemonRows());
  }

  run(request: QueryRequest): RunningQuery {
    const lane = this.#lanes[request.role === "schedule" ? "schedule" : "adhoc"];
    const task = new QueryJob(`q${++this.#lastId}`, request);
    this.#tasks.set(task.id, task);
    void task.outcome.then((outcome) => {
      this.#tasks.delete(task.id);
      countEnding(lane, outcome);
      countRefusals(lane, outcome);
    });
    lane.count("queries").add();
    this.#submit(lane, task);
    return task;
  }

  inspect(sql: string): Promise<StatementInfo> {
    return new Promise((resolve, reject) => {
      const refuse = (error: QueryError) => reject(toAuditqlError(error));
      this.#lanes.adhoc.workers.submit({
        run: async (worker) => {
          const info = await inspectIn(worker, sql, this.#options.inspectMs);
          if ("code" in info) refuse(info);
          else resolve(info);
        },
        refuse,
      });
    });
  }

  running(): readonly RunningQuery[] {
    return [...this.#tasks.values()];
  }

  cancel(id: string): boolean {
    const task = this.#tasks.get(id);
    task?.cancel();
    return task !== undefined;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(Object.values(this.#lanes).map(({ workers }) => workers.close()));
    this.#heldFiles.close();
  }

  #openLane(name: LaneName, maxWorkers: number): Lane {
    const count = (metric: string, reason?: string) =>
      this.#options.counter({
        stage: "sql",
        name,
        metric,
        ...(reason === undefined ? {} : { reason }),
      });
    const { store } = this.#options;
    const answers = new PrivilegedAnswers({
      sources: loadAddon().tableSources,
      daemonRows: () => this.#daemonRows(),
    });
    const workers = new WorkerLane({
      ...this.#options,
      maxWorkers,
      spareWorkers: name === "adhoc" ? this.#options.warmAdhocWorkers : 0,
      process: {
        storeFd: store.fd,
        heldFds: [...this.#heldFiles.descriptors.values()],
        answerRead: (asked) => answers.answer(asked),
      },
      setup: () => this.#workerSetup(),
      onProblems: (problems) => this.#report(problems),
      onUnconfined: (reasons) => {
        count("unconfined").set(reasons.length);
        this.#report(reasons.map((message) => ({ subject: message, message })));
      },
      daemonRows: () => this.#daemonRows(),
      onChange: (present, queued) => {
        count("workers").set(present);
        count("queue_depth").set(queued);
      },
    });
    return { workers, count };
  }

  #workerSetup(): WorkerSetup {
    const { store, maxGrowthBytes } = this.#options;
    return {
      storeDirectory: store.fd === null ? store.directory : `/proc/self/fd/${storeDescriptor}`,
      maxGrowthBytes,
      userTables: this.#userTables,
      heldPaths: [...this.#heldFiles.descriptors.keys()],
      account: this.#account,
      allowNetwork: accountsNeedNetwork(),
    };
  }

  #report(problems: readonly UserTableProblem[]): void {
    for (const { subject, message } of problems) {
      // What cannot be defined is not there to be checked either.
      const isKnown = this.#reported.has(subject) || this.#reportedBefore.get(subject) === message;
      if (!isKnown) this.#options.onProblem(message, subject);
      if (!this.#reported.has(subject)) this.#reported.set(subject, message);
    }
  }

  #submit(lane: Lane, task: QueryJob): void {
    const job: LaneJob = {
      run: async (worker) => {
        // Cancelled while its worker started.
        if (task.endedBy !== null) return;
        task.begin();
        if (readsDaemonTables(task.request.sql, this.#userTables.views)) {
          worker.tell({ kind: "daemon_rows", daemonRows: this.#daemonRows() });
        }
        const run = new WorkerRun(worker, task, this.#options);
        await run.complete();
        countKill(lane, run.killedFor);
      },
      refuse: (error) => task.fail(error),
    };
    task.attach({
      resume: () => {},
      abandon: () => {
        lane.workers.withdraw(job);
        if (task.endedBy !== null) task.fail(task.endedBy);
      },
    });
    lane.workers.submit(job);
  }
}

async function inspectIn(
  worker: WorkerProcess,
  sql: string,
  timeoutMs: number,
): Promise<StatementInfo | QueryError> {
  const message = `Preparing the statement timed out after ${timeoutMs} ms.`;
  const deadline = setTimeout(
    () => worker.kill({ code: "query_timeout", message }),
    timerDelay(timeoutMs),
  );
  const answer = await worker.ask({ kind: "inspect", sql });
  clearTimeout(deadline);
  if (answer?.kind === "inspected") return answer.info;
  if (answer?.kind === "failed") return { code: "sql_error", message: answer.message };
  const how = await worker.ended;
  return worker.killedFor ?? { code: "worker_died", message: `The worker died: ${how}.` };
}

/** A worker killed for a cancel is not an error; one that exceeds a limit is. */
function countKill(lane: Lane, reason: QueryError | null): void {
  if (reason === null) return;
  lane.count(reason.code === "query_cancelled" ? "cancel_kills" : "killed").add();
}

/** Files that the caller of a query was not told of. */
function countRefusals(lane: Lane, { refusals }: QueryOutcome): void {
  if (refusals === undefined) return;
  lane.count("refused", "file_protected").add(refusals.protected);
  lane.count("refused", "file_private").add(refusals.private);
}

function countEnding(lane: Lane, { error }: QueryOutcome): void {
  if (error !== null) lane.count(endingMetrics[error.code] ?? "errors").add();
}
