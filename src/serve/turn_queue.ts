import { AuditqlError } from "../errors.js";

export interface TurnQueueOptions {
  /** Turns that are taken at once. */
  readonly turns: number;
  /** Who may wait for one; of one caller, half as many. */
  readonly maxWaiting: number;
  /** Bytes of what they wait with. */
  readonly maxWaitingBytes: number;
  readonly maxWaitMs: number;
  /** Told of every change. */
  readonly onChange: (taken: number, waiting: number) => void;
}

export interface TurnRequest {
  readonly caller: string;
  /** What is held while it waits. */
  readonly bytes: number;
  /** Gives up waiting. */
  readonly signal?: AbortSignal;
}

interface Waiter extends TurnRequest {
  readonly start: () => void;
  readonly giveUp: (error: AuditqlError) => void;
}

const tooMany = (detail: string) =>
  new AuditqlError("too_many_queries", `${detail} Try again in a moment.`);

/** Lets so many at once, and the others wait: callers by turns, those of one caller in order. */
export class TurnQueue {
  readonly #options: TurnQueueOptions;
  /** By caller; whose turn is next comes first. */
  readonly #waiting = new Map<string, Waiter[]>();
  #taken = 0;
  #waiters = 0;
  #bytes = 0;
  #isClosed = false;

  constructor(options: TurnQueueOptions) {
    this.#options = options;
  }

  /** Waits for a turn; call the answer once to give it back. Rejects with `too_many_queries`. */
  async take(request: TurnRequest): Promise<() => void> {
    if (this.#isClosed) throw closing();
    if (this.#taken >= this.#options.turns) await this.#wait(request);
    else this.#taken += 1;
    this.#report();
    return () => this.#giveBack();
  }

  /** Sends away who waits, and who comes. */
  close(): void {
    this.#isClosed = true;
    for (const waiter of [...this.#waiting.values()].flat()) waiter.giveUp(closing());
  }

  #wait(request: TurnRequest): Promise<void> {
    const { maxWaiting, maxWaitingBytes, maxWaitMs } = this.#options;
    const own = this.#waiting.get(request.caller) ?? [];
    if (this.#waiters >= maxWaiting || own.length >= Math.ceil(maxWaiting / 2)) {
      throw tooMany(`${own.length} queries of yours wait already, of ${this.#waiters}.`);
    }
    if (this.#bytes + request.bytes > maxWaitingBytes) {
      throw tooMany(`The statements that wait already take ${this.#bytes} bytes.`);
    }
    if (request.signal?.aborted === true) throw clientGone();
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        clearTimeout(timer);
        request.signal?.removeEventListener("abort", onAbort);
        this.#remove(waiter);
        act();
      };
      const giveUp = (error: AuditqlError) => settle(() => reject(error));
      const waiter: Waiter = { ...request, start: () => settle(resolve), giveUp };
      const onAbort = () => giveUp(clientGone());
      const timer = setTimeout(
        () => giveUp(tooMany(`No other query ended for ${maxWaitMs} ms.`)),
        maxWaitMs,
      );
      request.signal?.addEventListener("abort", onAbort);
      this.#add(waiter, own);
    });
  }

  #add(waiter: Waiter, own: Waiter[]): void {
    own.push(waiter);
    this.#waiting.set(waiter.caller, own);
    this.#waiters += 1;
    this.#bytes += waiter.bytes;
    this.#report();
  }

  #remove(waiter: Waiter): void {
    const own = this.#waiting.get(waiter.caller) ?? [];
    own.splice(own.indexOf(waiter), 1);
    if (own.length === 0) this.#waiting.delete(waiter.caller);
    this.#waiters -= 1;
    this.#bytes -= waiter.bytes;
    this.#report();
  }

  /** Hands the turn on: to the caller who was not served for the longest time. */
  #giveBack(): void {
    const [caller, waiters] = this.#waiting.entries().next().value ?? [];
    const [next] = waiters ?? [];
    if (caller === undefined || waiters === undefined || next === undefined) {
      this.#taken -= 1;
      this.#report();
      return;
    }
    this.#waiting.delete(caller);
    this.#waiting.set(caller, waiters);
    next.start();
  }

  #report(): void {
    this.#options.onChange(this.#taken, this.#waiters);
  }
}

function clientGone(): AuditqlError {
  return new AuditqlError("query_cancelled", "The client of the query went away.");
}

function closing(): AuditqlError {
  return new AuditqlError("worker_unavailable", "The daemon is stopping.");
}
