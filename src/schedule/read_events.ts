import type { Incremental } from "../config/config.js";
import type { EventWindow } from "../native/connection.js";
import type { QueryRunner } from "../sql/query.js";
import { countReferences } from "../util/sql_tokens.js";
import { type CollectRequest, collectRows } from "./collect_rows.js";
import { subtractRows } from "./differential.js";
import type { UnreadEvents } from "./event_cursors.js";
import { QueryFailure } from "./query_failure.js";

/** Table functions that look things up among all stored process events, whatever is new. */
const lookups = ["process_ancestry", "process_descendants"];

/** What a statement needs when nothing is declared. */
export function chooseIncremental(sql: string, eventTables: readonly string[]): Incremental {
  const looksUp = lookups.some((name) => countReferences(sql, name) > 0);
  const joined = eventTables.filter(
    (table) => !(looksUp && table === "process_events" && countReferences(sql, table) === 0),
  );
  const [only] = joined;
  const single = joined.length === 1 && only !== undefined && countReferences(sql, only) <= 1;
  return single ? "by_event" : "by_result";
}

/** Events that one by_event run reads at most; a longer backlog is read in several runs. */
const maxEventsPerRun = 20_000;

/** New rows, and where the cursors stand once they are logged. */
export interface EventRows {
  readonly rows: readonly Buffer[];
  readonly cursors: ReadonlyMap<string, number>;
}

/**
 * Yields what is new in portions that are logged one by one, so that a long backlog neither fills
 * memory nor starts over when it fails.
 */
export async function* readEvents(
  runner: QueryRunner,
  request: CollectRequest,
  options: { readonly unread: readonly UnreadEvents[]; readonly incremental: Incremental },
): AsyncGenerator<EventRows> {
  const { unread, incremental } = options;
  if (incremental === "by_event") {
    // Runs without new events too: rows may come from state tables alone, as in osquery.
    yield* readByEvent(runner, request, unread);
  } else if (unread.some(({ window }) => window.upTo > window.after)) {
    yield await readByResult(runner, request, unread);
  }
}

async function* readByEvent(
  runner: QueryRunner,
  request: CollectRequest,
  unread: readonly UnreadEvents[],
): AsyncGenerator<EventRows> {
  let size = maxEventsPerRun;
  const done = new Map(unread.map(({ table, window }) => [table, window.after]));
  const left = () => unread.some(({ table, window }) => (done.get(table) ?? 0) < window.upTo);
  do {
    const windows = Object.fromEntries(
      unread.map(({ table, window }): [string, EventWindow] => {
        const after = done.get(table) ?? window.after;
        return [table, { after, upTo: Math.min(window.upTo, after + size) }];
      }),
    );
    try {
      const rows = await collectRows(runner, { ...request, windows });
      for (const [table, { upTo }] of Object.entries(windows)) done.set(table, upTo);
      yield { rows, cursors: new Map(done) };
    } catch (error) {
      // Fewer events at once may fit; one that does not fit alone is the query's own failure.
      const largest = Math.max(...Object.values(windows).map(({ after, upTo }) => upTo - after));
      if (!isTooMuch(error) || largest <= 1) throw error;
      size = Math.max(1, Math.floor(Math.min(size, largest) / 8));
    }
  } while (left());
}

const isTooMuch = (error: unknown) =>
  error instanceof QueryFailure && error.code === "result_truncated";

async function readByResult(
  runner: QueryRunner,
  request: CollectRequest,
  unread: readonly UnreadEvents[],
): Promise<EventRows> {
  const windows = (end: (window: EventWindow) => number) =>
    Object.fromEntries(unread.map(({ table, window }) => [table, { after: 0, upTo: end(window) }]));
  // The older state is read first: rows that a condition such as `time > now - 60` lets go between
  // the two reads are then only missing from the newer one, which logs nothing.
  const before = await collectRows(runner, {
    ...request,
    windows: windows((window) => window.after),
  });
  const now = await collectRows(runner, { ...request, windows: windows((window) => window.upTo) });
  return {
    rows: subtractRows(now, before),
    cursors: new Map(unread.map(({ table, window }) => [table, window.upTo])),
  };
}
