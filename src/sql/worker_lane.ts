import type { QueryError } from "../native/connection.js";
import type { DaemonRows } from "../tables/daemon_rows.js";
import { timerDelay } from "../util/timer_delay.js";
import { privateMemoryBytes } from "./process_memory.js";
import type { UserTableProblem } from "./user_tables.js";
import type { WorkerSetup } from "./worker_messages.js";
import { WorkerProcess, type WorkerProcessOptions } from "./worker_process.js";

export interface LaneOptions {
  readonly maxWorkers: number;
  /** Jobs that may wait; the next is refused with `query_queue_full`. */
  readonly maxQueued: number;
  /** How long a worker without work is kept. */
  readonly idleMs: number;
  /** How long a worker may take to start. */
  readonly startMs: number;
  /** A worker that holds more private memory than this after a query is replaced: neither V8 nor
   * malloc(3) gives back all that a heavy query took. */
  readonly retireBytes: number;
  /** One that is to be kept ready without work must not hold more than this. */
  readonly leanBytes: number;
  /** Workers that are started ahead while others work for long: the next job finds one ready. */
  readonly spareWorkers: number;
  /** What each worker shares with the daemon. */
  readonly process: WorkerProcessOptions;
  /** What a worker is started with, at this moment. */
  readonly setup: () => WorkerSetup;
  /** Told what a worker could not define. */
  readonly onProblems: (problems: readonly UserTableProblem[]) => void;
  /** Told which rights each new worker could not give up; mostly none. */
  readonly onUnconfined: (reasons: readonly string[]) => void;
  readonly daemonRows: () => DaemonRows;
  /** Called when the number of workers or of waiting jobs changes. */
  readonly onChange: (workers: number, queued: number) => void;
}

/** Work for one worker. */
export interface LaneJob {
  /** Resolves when the worker is free for another job, or dead; never rejects. */
  run(worker: WorkerProcess): Promise<void>;
  /** There is no worker for it. */
  refuse(error: QueryError): void;
}

/** Of a worker that is started ahead. */
const noJob: LaneJob = { run: async () => {}, refuse: () => {} };

/** A worker that ends takes so long to be followed by one that is kept ready: workers that die at
 * once do not follow each other without a pause. */
const refillMs = 1000;

/** A job that takes longer is no reason to wait for its worker. */
const longJobMs = 200;

const stopping: QueryError = { code: "worker_unavailable", message: "The daemon is stopping." };

/** Workers for one kind of work, started on demand, and the bounded queue before them. */
export class WorkerLane {
  readonly #options: LaneOptions;
  readonly #workers = new Set<WorkerProcess>();
  /** What is under way with workers. */
  readonly #working = new Set<Promise<void>>();
  readonly #idle: { worker: WorkerProcess; timer: NodeJS.Timeout }[] = [];
  readonly #queue: LaneJob[] = [];
  #isClosed = false;
  #isRefillDue = false;
  #warmWorkers = 0;
  /** Workers that are started ahead and are not ready yet. */
  #warming = 0;
  /** Workers that became ready. */
  readonly #started = new WeakSet<WorkerProcess>();
  /** Workers that were started with an older setup end with their job. */
  #outdated = new WeakSet<WorkerProcess>();

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  submit(job: LaneJob): void {
    if (this.#isClosed) {
      job.refuse(stopping);
      return;
    }
    const idle = this.#idle.pop();
    if (idle !== undefined) {
      clearTimeout(idle.timer);
      this.#keepTrack(this.#work(idle.worker, job));
    } else if (this.#queue.length < this.#warming) {
      this.#queue.push(job);
    } else if (this.#workers.size < this.#options.maxWorkers) {
      this.#keepTrack(this.#startFor(job));
    } else if (this.#queue.length < this.#options.maxQueued) {
      this.#queue.push(job);
    } else {
      const message = `The query queue is full: ${this.#queue.length} queries are queued.`;
      job.refuse({ code: "query_queue_full", message });
    }
    this.#report();
  }

  /** Takes a job out of the queue; false when it is not there. */
  withdraw(job: LaneJob): boolean {
    const index = this.#queue.indexOf(job);
    if (index < 0) return false;
    this.#queue.splice(index, 1);
    this.#report();
    return true;
  }

  sendDaemonRows(daemonRows: DaemonRows): void {
    for (const worker of this.#workers) worker.tell({ kind: "daemon_rows", daemonRows });
  }

  /** Starts so many workers now, and keeps them however long they have nothing to do. */
  keepWarm(workers: number): void {
    this.#warmWorkers = Math.min(workers, this.#options.maxWorkers);
    this.#refill();
  }

  #refill(): void {
    if (this.#isClosed) return;
    const { maxWorkers, spareWorkers } = this.#options;
    const isWanted = () =>
      this.#workers.size < this.#warmWorkers || this.#idle.length + this.#warming < spareWorkers;
    while (this.#workers.size < maxWorkers && isWanted()) {
      this.#warming += 1;
      this.#keepTrack(this.#startFor(noJob));
    }
    this.#report();
  }

  /** Jobs from now on get workers with the present setup. */
  renew(): void {
    for (const worker of this.#workers) this.#outdated.add(worker);
    for (const { worker, timer } of this.#idle.splice(0)) {
      clearTimeout(timer);
      worker.stop();
    }
  }

  /** Ends all workers; what runs or waits fails. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const job of this.#queue.splice(0)) {
      job.refuse(stopping);
    }
    for (const { timer } of this.#idle.splice(0)) clearTimeout(timer);
    const workers = [...this.#workers];
    for (const worker of workers) worker.kill(stopping);
    await Promise.all(workers.map(({ ended }) => ended));
    await Promise.all(this.#working);
  }

  #keepTrack(work: Promise<void>): void {
    this.#working.add(work);
    void work.then(() => this.#working.delete(work));
  }

  async #startFor(job: LaneJob): Promise<void> {
    const { startMs } = this.#options;
    const worker = new WorkerProcess(this.#options.process);
    this.#workers.add(worker);
    void worker.ended.then(() => this.#forget(worker));
    const deadline = setTimeout(() => worker.kill(startedLate(startMs)), startMs);
    worker.tell({ kind: "daemon_rows", daemonRows: this.#options.daemonRows() });
    const answer = await worker.ask({ kind: "setup", setup: this.#options.setup() });
    clearTimeout(deadline);
    if (job === noJob) this.#warming -= 1;
    if (answer?.kind === "ready") {
      this.#started.add(worker);
      this.#options.onProblems(answer.problems);
      this.#options.onUnconfined(answer.unconfined);
      await this.#work(worker, job);
      return;
    }
    const why = answer?.kind === "failed" ? answer.message : await worker.ended;
    const reason = worker.killedFor ?? {
      code: "worker_unavailable",
      message: `The query's worker did not start: ${why}`,
    };
    worker.kill(reason);
    job.refuse(reason);
  }

  async #work(worker: WorkerProcess, first: LaneJob): Promise<void> {
    let job: LaneJob | undefined = first;
    while (job !== undefined) {
      // It ended while it rested, and is not forgotten yet.
      if (!worker.isAlive) return job === noJob ? undefined : this.submit(job);
      if (job !== noJob && this.#options.spareWorkers > 0) this.#refillLater(longJobMs);
      await job.run(worker);
      if (this.#isBloated(worker) || this.#outdated.has(worker)) {
        // Its end makes room for one that takes the next job.
        worker.stop();
        return;
      }
      job = worker.isAlive ? this.#queue.shift() : undefined;
      this.#report();
    }
    if (worker.isAlive && !this.#isClosed) this.#rest(worker);
  }

  #isBloated({ pid }: WorkerProcess, most = this.#options.retireBytes): boolean {
    const bytes = pid === null ? null : privateMemoryBytes(pid);
    return bytes !== null && bytes > most;
  }

  #rest(worker: WorkerProcess): void {
    const timer = setTimeout(() => this.#endRest(worker), timerDelay(this.#options.idleMs));
    timer.unref();
    this.#idle.push({ worker, timer });
  }

  #endRest(worker: WorkerProcess): void {
    this.#idle.splice(
      this.#idle.findIndex((entry) => entry.worker === worker),
      1,
    );
    const isKept =
      this.#idle.length < this.#warmWorkers && !this.#isBloated(worker, this.#options.leanBytes);
    if (isKept) this.#rest(worker);
    else worker.stop();
  }

  #forget(worker: WorkerProcess): void {
    this.#workers.delete(worker);
    const index = this.#idle.findIndex((entry) => entry.worker === worker);
    if (index >= 0) clearTimeout(this.#idle.splice(index, 1)[0]?.timer);
    this.#report();
    const waiting = this.#isClosed ? undefined : this.#queue.shift();
    if (waiting !== undefined) this.submit(waiting);
    else if (this.#started.has(worker)) this.#refillLater();
  }

  #refillLater(delayMs = refillMs): void {
    if (this.#isClosed || this.#warmWorkers === 0 || this.#isRefillDue) return;
    this.#isRefillDue = true;
    setTimeout(() => {
      this.#isRefillDue = false;
      this.#refill();
    }, delayMs).unref();
  }

  #report(): void {
    this.#options.onChange(this.#workers.size, this.#queue.length);
  }
}

function startedLate(startMs: number): QueryError {
  const message = `The query's worker did not start within ${startMs / 1000} s: the host is overloaded. Retry later.`;
  return { code: "worker_unavailable", message };
}
