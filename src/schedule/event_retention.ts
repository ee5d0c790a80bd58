import { type Config, limitsOfTable, type TableLimits, type Trigger } from "../config/config.js";
import { tableSchemas } from "../tables/generated/table_schemas.js";
import type { TableSchema } from "../tables/table_schema.js";
import { makeTimetable } from "./timetable.js";

/** Names of all event tables. */
export const eventTableNames: readonly string[] = Object.values(tableSchemas)
  .filter((table) => table.kind === "event")
  .map((table) => table.name);

/** Tables of what is known about things, which stays true while they exist: no row expires by age. */
const factTables: readonly string[] = Object.values(tableSchemas)
  .filter((table: TableSchema) => table.attributes.includes("facts"))
  .map((table) => table.name);

/** osquery keeps events for three intervals of the slowest query on a table, in whole minutes. */
function lowestExpirySeconds(slowestPeriodSeconds: number): number {
  const triple = 3 * slowestPeriodSeconds;
  return triple + (60 - (triple % 60));
}

/** Bounds of a table whose slowest query runs every so many seconds: it must read before they act. */
function limitsForPeriod(
  config: Config,
  table: string,
  slowestPeriodSeconds: number | null,
): TableLimits {
  const given = limitsOfTable(config, table);
  const isConfigured = config.tableLimits.byName[table] !== undefined;
  const limits =
    factTables.includes(table) && !isConfigured ? { ...given, expirySeconds: 0 } : given;
  if (limits.expirySeconds === 0 || slowestPeriodSeconds === null) return limits;
  const needed = lowestExpirySeconds(slowestPeriodSeconds);
  return { ...limits, expirySeconds: Math.max(limits.expirySeconds, needed) };
}

/** A query of the schedule. */
interface Reader {
  /** Null: not known yet. */
  readonly eventTables: readonly string[] | null;
  readonly timetable: { readonly periodSeconds: number };
}

/** Bounds every table so that events live until the slowest query over it has read them. */
export function setTableLimits(
  tables: { setLimits(table: string, limits: TableLimits): void },
  config: Config,
  readers: readonly Reader[],
): void {
  for (const table of eventTableNames) {
    const periods = readers
      .filter(({ eventTables }) => eventTables === null || eventTables.includes(table))
      .map(({ timetable }) => timetable.periodSeconds);
    tables.setLimits(table, limitsForPeriod(config, table, slowestOf(periods)));
  }
}

const slowestOf = (periods: readonly number[]) =>
  periods.length > 0 ? Math.max(...periods) : null;

/** Seconds between runs at most, before the identity of the host decides an H. */
function longestPeriod(trigger: Trigger): number {
  const splayedSeconds = trigger.kind === "interval" ? trigger.seconds : 0;
  const { periodSeconds } = makeTimetable(trigger, { splayedSeconds, hash: "" });
  // Where an H begins its steps moves the gap between the last of them and the next first.
  const isHashed = trigger.kind === "cron" && trigger.expression.includes("H");
  return isHashed ? 2 * periodSeconds : periodSeconds;
}

/**
 * Bounds of a table before it is known which queries read it: any may, so that a restart drops no
 * event that a query has not read. Schedule.start() sets the right ones.
 */
export function openingLimits(config: Config, table: string): TableLimits {
  const periods = config.schedule.packs
    .flatMap((pack) => pack.queries)
    .map(({ trigger }) => longestPeriod(trigger));
  return limitsForPeriod(config, table, slowestOf(periods));
}
