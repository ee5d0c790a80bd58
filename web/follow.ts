import { call, mayPass, messageOf, type Problem, RequestError } from "./api.ts";
import { linesOf, parseExact } from "./lines.ts";
import type { Cell } from "./run_query.ts";

export type EventRow = Readonly<Record<string, Cell>>;

export interface Follower {
  readonly sql: string;
  readonly signal: AbortSignal;
  /** The eid after which to begin; null: with what arrives. Kept up to date. */
  readonly place: { eid: string | null };
  readonly onStart: (columns: readonly string[]) => void;
  readonly onRows: (rows: readonly EventRow[]) => void;
  readonly onMissed: (events: number) => void;
  /** The connection was lost; it is tried again. */
  readonly onLost: (message: string) => void;
}

const retryMs = 1000;
/** The daemon says every 10 s that it is there: one that is silent for longer is not. */
const silenceMs = 35_000;

/** Follows a statement's events until the signal, over connections that are lost; throws when the
 * daemon refuses. */
export async function follow(follower: Follower): Promise<void> {
  const { signal, onLost } = follower;
  while (!signal.aborted) {
    try {
      await followOnce(follower);
      onLost("The daemon closed the connection.");
    } catch (error) {
      if (signal.aborted) return;
      if (!mayPass(error)) throw error;
      onLost(messageOf(error));
    }
    await new Promise((resolve) => setTimeout(resolve, retryMs));
  }
}

async function followOnce(follower: Follower): Promise<void> {
  const { sql, signal, place } = follower;
  const connection = new AbortController();
  const leave = () => connection.abort();
  signal.addEventListener("abort", leave);
  let watch = setTimeout(leave, silenceMs);
  try {
    const after = place.eid === null ? "" : `&after=${place.eid}`;
    const path = `/v1/events/tail?sql=${encodeURIComponent(sql)}${after}`;
    const answer = await call(path, { accept: "text/event-stream", signal: connection.signal });
    const reader = new MessageReader(follower);
    for await (const lines of linesOf(answer)) {
      clearTimeout(watch);
      watch = setTimeout(leave, silenceMs);
      for (const line of lines) reader.take(line);
    }
  } catch (error) {
    if (connection.signal.aborted && !signal.aborted)
      throw new Error("No data from the daemon (timeout).");
    throw error;
  } finally {
    clearTimeout(watch);
    signal.removeEventListener("abort", leave);
  }
}

/** Server-Sent Events, line by line. https://html.spec.whatwg.org/multipage/server-sent-events.html */
class MessageReader {
  readonly #follower: Follower;
  #event = "";
  #id: string | null = null;

  constructor(follower: Follower) {
    this.#follower = follower;
  }

  take(line: string): void {
    if (line.startsWith("event: ")) this.#event = line.slice(7);
    else if (line.startsWith("id: ")) this.#id = line.slice(4);
    else if (line.startsWith("data: ")) this.#deliver(parseExact(line.slice(6)));
    // An empty line ends a message: what it stands for was delivered.
    else if (line === "" && this.#id !== null) this.#follower.place.eid = this.#id;
  }

  #deliver(data: unknown): void {
    const { onStart, onRows, onMissed } = this.#follower;
    if (this.#event === "start") onStart((data as { columns: readonly string[] }).columns);
    else if (this.#event === "rows") onRows((data as { rows: readonly EventRow[] }).rows);
    else if (this.#event === "missed") onMissed((data as { events: number }).events);
    else if (this.#event === "error") throw new RequestError(data as Problem);
  }
}
