import type { EventWindow } from "../native/connection.js";
import type { Engine } from "../native/engine.js";
import { eventTableNames } from "./event_retention.js";
import type { StateDatabase } from "./state_database.js";

/** Above every eid: nothing that is dropped counts as unread. */
const noneUnread = Number.MAX_SAFE_INTEGER;

/** What the schedule needs of the event tables. */
export type EventTables = Pick<Engine, "bounds" | "setReadBelow" | "setLimits" | "counter">;

/** Events of one table that a query has not seen. */
export interface UnreadEvents {
  readonly table: string;
  readonly window: EventWindow;
}

/** Where each query stands in each event table. */
export class EventCursors {
  readonly #tables: EventTables;
  readonly #database: StateDatabase;

  constructor(tables: EventTables, database: StateDatabase) {
    this.#tables = tables;
    this.#database = database;
  }

  /** What is new for a query, as of now: its windows end at the newest event that is stored. */
  unread(query: string, eventTables: readonly string[]): UnreadEvents[] {
    return eventTables.map((table) => {
      const { firstEid, nextEid } = this.#tables.bounds(table);
      const upTo = nextEid - 1;
      const cursor = this.#database.cursor(query, table);
      // A cursor beyond the table belongs to a store that was deleted: everything is new.
      const after = cursor === null || cursor > upTo ? firstEid - 1 : cursor;
      return { table, window: { after, upTo } };
    });
  }

  /** Whether one of the tables has events that a query has not seen. */
  hasUnread(query: string, eventTables: readonly string[]): boolean {
    return this.unread(query, eventTables).some(({ window }) => window.upTo > window.after);
  }

  /** Tells each event table below which event every query of `readers` has read. */
  publish(readers: ReadonlyMap<string, readonly string[]>): void {
    const lowest = new Map<string, number>();
    for (const [query, eventTables] of readers) {
      for (const table of eventTables) {
        const cursor = this.#database.cursor(query, table) ?? 0;
        lowest.set(table, Math.min(lowest.get(table) ?? cursor, cursor));
      }
    }
    for (const table of eventTableNames) {
      const cursor = lowest.get(table);
      // Nobody waits for events of a table that no query reads.
      this.#tables.setReadBelow(table, cursor === undefined ? noneUnread : cursor + 1);
    }
  }
}
