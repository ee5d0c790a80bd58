import { call, type Problem, RequestError } from "./api.ts";
import { linesOf, parseExact } from "./lines.ts";
import type { Cell } from "./run_query.ts";

export type EventRow = Readonly<Record<string, Cell>>;

export interface Follower {
  readonly sql: string;
  readonly signal: AbortSignal;
  readonly onStart: (columns: readonly string[]) => void;
  readonly onRows: (rows: readonly EventRow[]) => void;
  readonly onMissed: (events: number) => void;
}

/** Follows a statement's events until the signal; throws when the daemon ends it. */
export async function follow(follower: Follower): Promise<void> {
  const path = `/v1/events/tail?sql=${encodeURIComponent(follower.sql)}`;
  const answer = await call(path, { accept: "text/event-stream", signal: follower.signal });
  let event = "";
  for await (const lines of linesOf(answer)) {
    for (const line of lines) {
      if (line.startsWith("event: ")) event = line.slice(7);
      else if (line.startsWith("data: ")) deliver(follower, event, parseExact(line.slice(6)));
    }
  }
  if (!follower.signal.aborted) throw new Error("The daemon closed the connection.");
}

function deliver(follower: Follower, event: string, data: unknown): void {
  if (event === "start") follower.onStart((data as { columns: readonly string[] }).columns);
  else if (event === "rows") follower.onRows((data as { rows: readonly EventRow[] }).rows);
  else if (event === "missed") follower.onMissed((data as { events: number }).events);
  else if (event === "error") throw new RequestError(data as Problem);
}
