import { timedOut, withTimeout } from "./with_timeout.js";

export interface WorkQueueOptions<Request> {
  /** Takes up to so many questions. */
  readonly take: (limit: number) => readonly Request[];
  /** Questions that are held here at most; others wait where they come from. */
  readonly capacity: number;
  /** What is cheap to answer does not wait behind what is dear. */
  readonly cost: (request: Request) => number;
  /** Gives what became of it, which is counted. */
  readonly answer: (request: Request) => Promise<string>;
  readonly count: (what: string) => void;
  readonly onError: (error: unknown) => void;
  /** Called with each question that is given up at the end. */
  readonly release: (request: Request) => void;
}

/** Answers questions one by one, the cheapest first. */
export class WorkQueue<Request> {
  readonly #options: WorkQueueOptions<Request>;
  readonly #waiting: Request[] = [];
  /** Those that wait and the one in work, each with who wants to know of its answer. */
  readonly #open = new Map<Request, PromiseWithResolver>();
  #running: Promise<void> | null = null;
  #isClosed = false;

  constructor(options: WorkQueueOptions<Request>) {
    this.#options = options;
  }

  /** Looks for questions. */
  wake(): void {
    if (this.#isClosed) return;
    const taken = this.#options.take(this.#options.capacity - this.#open.size);
    if (taken.length === 0) return;
    for (const request of taken) this.#open.set(request, openPromise());
    this.#waiting.push(...taken);
    // Stable: of equals the oldest comes first.
    this.#waiting.sort((a, b) => this.#options.cost(a) - this.#options.cost(b));
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
  }

  /** Resolves when what was asked before is answered; false when that took too long. */
  async settled(timeoutMs: number): Promise<boolean> {
    this.wake();
    if (this.#open.size === 0) return true;
    const answers = [...this.#open.values()].map(({ promise }) => promise);
    return (await withTimeout(Promise.all(answers), timeoutMs)) !== timedOut;
  }

  /** Takes no more; resolves when the answer on its way is given, or has taken too long. */
  async close(timeoutMs: number): Promise<void> {
    this.#isClosed = true;
    if (this.#running !== null) await withTimeout(this.#running, timeoutMs);
    for (const request of this.#waiting.splice(0)) this.#options.release(request);
  }

  async #run(): Promise<void> {
    while (!this.#isClosed) {
      const request = this.#waiting.shift();
      if (request === undefined) return;
      try {
        this.#options.count(await this.#options.answer(request));
      } catch (error) {
        this.#options.count("failed");
        this.#options.onError(error);
      }
      this.#options.release(request);
      this.#open.get(request)?.resolve();
      this.#open.delete(request);
      this.wake();
    }
  }
}

interface PromiseWithResolver {
  readonly promise: Promise<void>;
  resolve(): void;
}

function openPromise(): PromiseWithResolver {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve: () => resolve() };
}
