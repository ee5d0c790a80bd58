import type { QueryError } from "../native/connection.js";
import { CpuWatch } from "./cpu_watch.js";
import type { QueryJob } from "./query_job.js";
import { UsageMeter } from "./usage_meter.js";
import type { WorkerQuery } from "./worker_messages.js";
import type { WorkerProcess } from "./worker_process.js";

const memoryPeriodMs = 100;

// A query that was cancelled ends with its worker's account of it where that comes so soon; it does
// not while the worker is where SQLite looks for no interrupt, as in the midst of sorting.
const accountMs = 20;

export interface RunLimits {
  /** Files and directories whose content no table tells. */
  readonly protectedPaths: () => readonly string[];
  /** How long after its deadline a query may go on before its worker is killed. */
  readonly graceMs: number;
  /** The same after a cancel. */
  readonly cancelGraceMs: number;
}

/** One query in one worker. */
export class WorkerRun {
  readonly #worker: WorkerProcess;
  readonly #task: QueryJob;
  readonly #limits: RunLimits;
  readonly #generation: number;
  readonly #meter: UsageMeter;
  readonly #timers: NodeJS.Timeout[] = [];
  #isAbandoned = false;
  #isDraining = false;
  /** Why the worker had to be killed. */
  killedFor: QueryError | null = null;

  constructor(worker: WorkerProcess, task: QueryJob, limits: RunLimits) {
    this.#worker = worker;
    this.#task = task;
    this.#limits = limits;
    this.#generation = worker.nextGeneration();
    this.#meter = new UsageMeter(worker.pid);
  }

  /** Runs the query to its outcome; the worker is free, or dead, afterwards. */
  async complete(): Promise<void> {
    const outputEnded = this.#receiveOutput();
    this.#startWatching();
    const answer = await this.#worker.ask({ kind: "query", query: this.#workerQuery() });
    if (answer?.kind === "outcome") await this.#drain(outputEnded);
    for (const timer of this.#timers) clearInterval(timer);
    this.#worker.receiveFrames(null);
    this.#worker.resumeFrames();
    const usage = this.#meter.read();
    if (answer?.kind === "outcome") {
      this.#task.finish({ ...answer.outcome, usage, refusals: answer.refusals });
    } else if (answer?.kind === "failed") this.#task.fail(internal(answer.message), usage);
    else this.#task.fail(await this.#causeOfDeath(), usage);
  }

  /** Reads what is left in the pipe, which is little: the worker has written all. A worker that
   * gave up on a frame is ended, since where its next frame would begin is not known. */
  async #drain(outputEnded: Promise<void>): Promise<void> {
    this.#isDraining = true;
    this.#worker.resumeFrames();
    this.#after(this.#limits.graceMs, () => this.#worker.kill(unfinished));
    await Promise.race([outputEnded, this.#worker.ended]);
  }

  #workerQuery(): WorkerQuery {
    const { sql, parameters, format, limits, windows, role } = this.#task.request;
    return {
      generation: this.#generation,
      sql,
      parameters: parameters ?? [],
      // osquery runs scheduled queries with parameters as NULL.
      allowUnbound: role === "schedule",
      format,
      timeoutMs: limits.timeoutMs,
      maxRows: limits.maxRows,
      maxBytes: limits.maxBytes,
      windows: windows ?? {},
      rights: { role, protectedPaths: this.#limits.protectedPaths() },
    };
  }

  #receiveOutput(): Promise<void> {
    this.#task.attach({
      resume: () => this.#worker.resumeFrames(),
      abandon: () => this.#abandon(),
    });
    return new Promise((resolve) => {
      this.#worker.receiveFrames({
        data: (generation, bytes) => {
          if (generation !== this.#generation || this.#isAbandoned) return;
          const isFull = !this.#task.push(bytes);
          if (isFull && !this.#isDraining && this.#worker.isAlive) this.#worker.pauseFrames();
        },
        end: (generation) => {
          if (generation === this.#generation) resolve();
        },
      });
    });
  }

  #startWatching(): void {
    const { timeoutMs, maxMemoryBytes } = this.#task.request.limits;
    // The worker interrupts itself at the deadline; this is for a call that cannot be
    // interrupted, and for a result that nobody reads.
    this.#after(timeoutMs + this.#limits.graceMs, () =>
      this.#kill({ code: "query_timeout", message: `The query timed out after ${timeoutMs} ms.` }),
    );
    this.#watchMemory(maxMemoryBytes);
    this.#watchCpu();
  }

  #watchMemory(maxBytes: number): void {
    if (maxBytes <= 0) return;
    const timer = setInterval(() => {
      if (this.#meter.read().memoryBytes <= maxBytes) return;
      const mebibytes = Math.round(maxBytes / 2 ** 20);
      this.#kill({
        code: "query_memory",
        message: `The query exceeded its memory limit of ${mebibytes} MiB.`,
      });
    }, memoryPeriodMs);
    this.#timers.push(timer);
  }

  #watchCpu(): void {
    const { cpu } = this.#task.request.limits;
    if (cpu === undefined) return;
    const watch = new CpuWatch(cpu);
    const timer = setInterval(() => {
      if (!watch.isExceeded(this.#meter.read())) return;
      const percent = Math.round(cpu.maxShare * 100);
      const message = `The query exceeded ${percent} % CPU utilization for ${cpu.sustainedMs} ms.`;
      this.#kill({ code: "query_cpu", message });
    }, watch.periodMs);
    this.#timers.push(timer);
  }

  #after(delayMs: number, act: () => void): void {
    // Longer delays would fire at once (setTimeout takes 32 bits).
    if (delayMs <= 0x7fff_ffff) this.#timers.push(setTimeout(act, delayMs));
  }

  #kill(reason: QueryError): void {
    this.killedFor ??= reason;
    const usage = this.#meter.read();
    this.#task.end(reason);
    this.#worker.kill(reason);
    // Memory in use takes the kernel a while to take back: the end of the process is not awaited.
    this.#task.fail(reason, usage);
  }

  /** Cancels in the worker; what it still writes is read and dropped, so that it can stop. */
  #abandon(): void {
    this.#isAbandoned = true;
    this.#worker.resumeFrames();
    this.#worker.interrupt(this.#generation);
    const reason = this.#task.endedBy;
    if (reason === null) return;
    this.#after(accountMs, () => this.#task.fail(reason, this.#meter.read()));
    this.#after(this.#limits.cancelGraceMs, () => this.#kill(reason));
  }

  async #causeOfDeath(): Promise<QueryError> {
    const how = await this.#worker.ended;
    if (this.#worker.killedFor !== null) return this.#worker.killedFor;
    return { code: "worker_died", message: `The query's worker died: ${how}.` };
  }
}

const unfinished: QueryError = {
  code: "result_refused",
  message: "The query's worker did not finish its output and was killed.",
};

const internal = (message: string): QueryError => ({ code: "internal", message });
