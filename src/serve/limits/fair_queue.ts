import { AuditqlError } from "../../errors.js";
import { timerDelay } from "../../util/timer_delay.js";

export interface FairQueueOptions {
  /** Turns that are taken at once; one caller never takes all of several. */
  readonly turns: number;
  /** Further turns, for owners of the host that find no other. */
  readonly reserved: number;
  /** Who may wait for one; of one caller, half as many. */
  readonly maxWaiting: number;
  /** Bytes of what they wait with; of one caller, half as many. */
  readonly maxWaitingBytes: number;
  readonly maxWaitMs: number;
  /** Told of every change. */
  readonly onChange: (taken: number, waiting: number) => void;
}

export interface TurnRequest {
  readonly caller: string;
  /** Root, or the daemon's own user, on the unix socket. */
  readonly isOwner: boolean;
  /** What is held while it waits. */
  readonly bytes: number;
  /** Gives up waiting. */
  readonly signal?: AbortSignal;
}

interface Waiter extends TurnRequest {
  readonly start: (turn: Turn) => void;
  readonly giveUp: (error: AuditqlError) => void;
}

/** Whether it is one of those that only owners get. */
type Turn = "common" | "reserved";

const tooMany = (detail: string) =>
  new AuditqlError("too_many_queries", `${detail} Retry in a moment.`);

/** Lets so many at once, and the others wait: callers by turns, those of one caller in order. */
export class FairQueue {
  readonly #options: FairQueueOptions;
  /** By caller; whose turn is next comes first. */
  readonly #waiting = new Map<string, Waiter[]>();
  readonly #taken: Record<Turn, number> = { common: 0, reserved: 0 };
  /** Common turns by caller. */
  readonly #takenBy = new Map<string, number>();
  #waiters = 0;
  #bytes = 0;
  #isClosed = false;

  constructor(options: FairQueueOptions) {
    this.#options = options;
  }

  /** Waits for a turn; call the answer once to give it back. Rejects with `too_many_queries`. */
  async take(request: TurnRequest): Promise<() => void> {
    if (this.#isClosed) throw closing();
    const turn = this.#grab(request) ?? (await this.#wait(request));
    this.#report();
    return () => this.#giveBack(request, turn);
  }

  /** Takes a turn that is free for this caller; null where there is none. */
  #grab({ caller, isOwner }: TurnRequest): Turn | null {
    const { turns, reserved } = this.#options;
    const own = this.#takenBy.get(caller) ?? 0;
    const mostOfOne = Math.max(turns - 1, 1);
    if (this.#taken.common < turns && own < mostOfOne) {
      this.#takenBy.set(caller, own + 1);
      this.#taken.common += 1;
      return "common";
    }
    if (!isOwner || this.#taken.reserved >= reserved) return null;
    this.#taken.reserved += 1;
    return "reserved";
  }

  /** Sends away who waits, and who comes. */
  close(): void {
    this.#isClosed = true;
    for (const waiter of [...this.#waiting.values()].flat()) waiter.giveUp(closing());
  }

  #wait(request: TurnRequest): Promise<Turn> {
    const { maxWaiting, maxWaitingBytes, maxWaitMs } = this.#options;
    const own = this.#waiting.get(request.caller) ?? [];
    if (this.#waiters >= maxWaiting || own.length >= Math.ceil(maxWaiting / 2)) {
      throw tooMany(
        `You already have ${own.length} queued queries (${this.#waiters} queued in total).`,
      );
    }
    const ownBytes = own.reduce((sum, { bytes }) => sum + bytes, request.bytes);
    if (this.#bytes + request.bytes > maxWaitingBytes || ownBytes > maxWaitingBytes / 2) {
      throw tooMany(`The queued statements already use ${this.#bytes} bytes.`);
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
      const start = (turn: Turn) => settle(() => resolve(turn));
      const waiter: Waiter = { ...request, start, giveUp };
      const onAbort = () => giveUp(clientGone());
      const timer = setTimeout(() => giveUp(waitedTooLong(maxWaitMs)), timerDelay(maxWaitMs));
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

  #giveBack({ caller }: TurnRequest, turn: Turn): void {
    this.#taken[turn] -= 1;
    if (turn === "common") {
      const left = (this.#takenBy.get(caller) ?? 1) - 1;
      if (left === 0) this.#takenBy.delete(caller);
      else this.#takenBy.set(caller, left);
    }
    this.#handOn();
    this.#report();
  }

  /** To the callers that were not served for the longest time and may take what is free. */
  #handOn(): void {
    for (const [caller, waiters] of [...this.#waiting]) {
      const [next] = waiters;
      const turn = next === undefined ? null : this.#grab(next);
      if (next === undefined || turn === null) continue;
      this.#waiting.delete(caller);
      this.#waiting.set(caller, waiters);
      next.start(turn);
      return;
    }
  }

  #report(): void {
    this.#options.onChange(this.#taken.common + this.#taken.reserved, this.#waiters);
  }
}

/** Whether for a turn, or for the worker that a turn stands for. */
export function waitedTooLong(maxWaitMs: number): AuditqlError {
  return tooMany(`The query timed out in the queue: no worker was free within ${maxWaitMs} ms.`);
}

function clientGone(): AuditqlError {
  return new AuditqlError("query_cancelled", "The client of the query disconnected.");
}

function closing(): AuditqlError {
  return new AuditqlError("worker_unavailable", "The daemon is stopping.");
}
