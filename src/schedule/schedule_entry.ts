import type { Config, Pack, ScheduledQuery } from "../config/config.js";
import { isMeantForThisHost } from "./audience.js";
import type { EventTables } from "./event_cursors.js";
import { QueryFigures } from "./query_figures.js";
import type { StateDatabase } from "./state_database.js";
import { makeTimetable, splay, type Timetable } from "./timetable.js";

/** One query of the active schedule. */
export interface ScheduleEntry {
  readonly query: ScheduledQuery;
  readonly pack: Pack;
  readonly timetable: Timetable;
  readonly figures: QueryFigures;
  /** Milliseconds since 1970. */
  nextRunMs: number;
  /** Event tables of the statement; null until it could be prepared. */
  eventTables: readonly string[] | null;
  /** Whether it reads what is found out about events after they are stored. */
  readsFacts: boolean;
  /** Warnings of its tables that were logged: each is logged once. */
  readonly warned: Set<string>;
}

export interface EntryOptions {
  readonly config: Config["schedule"];
  readonly hostname: string;
  /** Uuid of the host, which stays over restarts. */
  readonly hostUuid: string;
  readonly nowMs: number;
  readonly database: StateDatabase;
  readonly tables: EventTables;
  random(): number;
  /** Entry of the same name in the schedule before, whose figures go on. */
  before(name: string): ScheduleEntry | undefined;
}

/** Entries of the queries that are meant for this host, in the order of the configuration. */
export function makeEntries(options: EntryOptions): ScheduleEntry[] {
  const { config, hostname } = options;
  return config.packs
    .filter((pack) => isMeantForThisHost(pack, hostname))
    .flatMap((pack) =>
      pack.queries
        .filter((query) => isMeantForThisHost(query, hostname))
        .map((query) => makeEntry(query, pack, options)),
    );
}

function makeEntry(query: ScheduledQuery, pack: Pack, options: EntryOptions): ScheduleEntry {
  const { config, database, tables, nowMs, random } = options;
  const { trigger } = query;
  const splayed =
    trigger.kind !== "interval"
      ? 0
      : database.splayedInterval(query.name, trigger.seconds, () =>
          splay(trigger.seconds, config.splayPercent, random),
        );
  const hash = [options.hostUuid, options.hostname, query.name].join("\n");
  const timetable = makeTimetable(trigger, { splayedSeconds: splayed, hash });
  const before = options.before(query.name);
  return {
    query,
    pack,
    timetable,
    figures: before?.figures ?? new QueryFigures(tables, query.name),
    nextRunMs: timetable.next(nowMs),
    eventTables: before?.query.sql === query.sql ? before.eventTables : null,
    readsFacts: before?.query.sql === query.sql && before.readsFacts,
    warned: before?.query.sql === query.sql ? before.warned : new Set(),
  };
}
