import { type ChildProcess, spawn } from "node:child_process";
import { Duplex, PassThrough, Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { QueryError } from "../native/connection.js";
import { FrameParser, type FrameSink } from "./frame_parser.js";
import { ReadRequests } from "./read_requests.js";
import { controlFd, type FromWorker, framesFd, readsFd, type ToWorker } from "./worker_messages.js";

const entry = fileURLToPath(new URL("./worker.js", import.meta.url));
// No V8 helper threads: capset(2) binds the calling thread alone. The heap holds rows of state
// tables while they are scanned, nothing of results.
const nodeOptions = ["--v8-pool-size=0", "--max-old-space-size=256"];

// By descriptor; STORE_FD, READS_FD and the held files follow.
const workerStdio = ["ignore", "ignore", "inherit", "pipe", "pipe", "ipc"] as const;

export interface WorkerProcessOptions {
  /** Handed to the worker as STORE_FD. */
  readonly storeFd: number | null;
  /** Handed to it as HELD_FD and following. */
  readonly heldFds: readonly number[];
  /** Answers what the worker may not read itself (PrivilegedReads). */
  readonly answerRead: (asked: unknown) => Promise<unknown>;
}

const brokenProtocol: QueryError = {
  code: "worker_died",
  message: "The query's worker violated the pipe protocol and was killed.",
};

/** A query worker as the daemon sees it: messages, frames, cancels and its end. */
export class WorkerProcess {
  /** How the worker ended; settles after its last frame was handed on. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcess;
  readonly #frames: Readable;
  readonly #control: Writable;
  #answered: ((message: FromWorker) => void) | null = null;
  #sink: FrameSink | null = null;
  #lastGeneration = 0;
  #hasEnded = false;
  /** Why this process killed it; null where it did not. */
  killedFor: QueryError | null = null;

  constructor({ storeFd, heldFds, answerRead }: WorkerProcessOptions) {
    this.#child = spawn(process.execPath, [...nodeOptions, entry], {
      stdio: [...workerStdio, storeFd ?? "ignore", "pipe", ...heldFds],
      serialization: "advanced",
      env: { ...process.env, UV_THREADPOOL_SIZE: "1" },
    });
    // Without descriptors left (EMFILE) there are no streams; `ended` then tells of the error.
    const streams: readonly unknown[] = this.#child.stdio ?? [];
    const [frames, control] = [streams[framesFd], streams[controlFd]];
    this.#frames = frames instanceof Readable ? frames : Readable.from([]);
    this.#control = control instanceof Writable ? control : new PassThrough();
    this.#answerReads(streams[readsFd], answerRead);
    const parser = new FrameParser({
      data: (generation, bytes) => this.#sink?.data(generation, bytes),
      end: (generation) => this.#sink?.end(generation),
    });
    this.#frames.on("data", (chunk: Buffer) => parser.push(chunk));
    // A worker that is killed closes its end while a cancel is written: EPIPE is no news then.
    this.#control.on("error", () => {});
    this.#frames.on("error", () => {});
    this.#child.on("message", (message) => this.#receive(message));
    this.ended = this.#watchEnd();
  }

  get pid(): number | null {
    return this.#child.pid ?? null;
  }

  get isAlive(): boolean {
    return this.killedFor === null && !this.#hasEnded;
  }

  nextGeneration(): number {
    this.#lastGeneration = (this.#lastGeneration + 1) >>> 0;
    return this.#lastGeneration;
  }

  /** Sends a message that has no answer. */
  tell(message: ToWorker): void {
    // Fails only when the worker ends, which `ended` tells.
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  /** Sends a message and waits for its answer; null when the worker ended instead. */
  async ask(message: ToWorker): Promise<FromWorker | null> {
    const answer = new Promise<FromWorker>((resolve) => {
      this.#answered = resolve;
    });
    this.tell(message);
    return Promise.race([answer, this.ended.then(() => null)]);
  }

  /** Hands frames on from now; null drops them. */
  receiveFrames(sink: FrameSink | null): void {
    this.#sink = sink;
  }

  pauseFrames(): void {
    this.#frames.pause();
  }

  resumeFrames(): void {
    this.#frames.resume();
  }

  /** Asks the worker's native watcher to interrupt the query of this generation. */
  interrupt(generation: number): void {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(generation);
    if (!this.#hasEnded) this.#control.write(bytes);
  }

  /** An answer that was on its way may still come: the worker takes no other query. The first
   * reason is kept. */
  kill(reason: QueryError): void {
    this.killedFor ??= reason;
    this.#child.kill("SIGKILL");
  }

  /** Ends an idle worker: the end of its control pipe tells it to. */
  stop(): void {
    this.#control.end();
    if (this.#child.connected) this.#child.disconnect();
  }

  #answerReads(stream: unknown, answer: WorkerProcessOptions["answerRead"]): void {
    if (!(stream instanceof Duplex)) return;
    // A worker that is killed closes its end while an answer is written.
    stream.on("error", () => {});
    new ReadRequests(stream, { answer, onNonsense: () => this.kill(brokenProtocol) });
  }

  #receive(message: unknown): void {
    if (typeof message !== "object" || message === null || !("kind" in message)) return;
    const answered = this.#answered;
    this.#answered = null;
    // Workers run this program's own worker.ts, which sends nothing else.
    answered?.(message as FromWorker);
  }

  async #watchEnd(): Promise<string> {
    const exited = new Promise<string>((resolve) => {
      this.#child.once("error", (error) => resolve(`it did not start: ${error.message}`));
      this.#child.once("exit", (code, signal) =>
        resolve(signal === null ? `it exited with status ${code}` : `it was killed by ${signal}`),
      );
    });
    const drained = new Promise<void>((resolve) => this.#frames.once("close", resolve));
    const how = await exited;
    this.#hasEnded = true;
    // What the pipe still holds is read in any case, so that its end is seen.
    this.#frames.resume();
    await drained;
    return how;
  }
}
