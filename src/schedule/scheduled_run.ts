import type { Incremental, ScheduleConfig, ScheduledQuery } from "../config/config.js";
import type { QueryRunner } from "../sql/query.js";
import type { Clock } from "./clock.js";
import { type CollectRequest, collectRows } from "./collect_rows.js";
import { compareRows } from "./differential.js";
import type { EventCursors } from "./event_cursors.js";
import { escapeControlCharacters } from "./json_string.js";
import { chooseIncremental, readEvents } from "./read_events.js";
import { batchLine, eventLines, type ResultHeader, snapshotLine } from "./result_format.js";
import type { ResultSink } from "./result_sink.js";
import type { StateDatabase } from "./state_database.js";

/** What a run needs besides its query. */
export interface RunContext {
  readonly config: ScheduleConfig;
  readonly hostIdentifier: string;
  readonly runner: QueryRunner;
  readonly sink: ResultSink;
  readonly database: StateDatabase;
  readonly cursors: EventCursors;
  readonly clock: Clock;
  readonly factsSettled: () => Promise<void>;
}

/** One run of one query. */
export interface ScheduledRun {
  readonly query: ScheduledQuery;
  readonly pack: string;
  /** Event tables that the statement reads. */
  readonly eventTables: readonly string[];
  /** Whether it reads what is found out about events after they are stored. */
  readonly readsFacts: boolean;
  readonly decorations: Readonly<Record<string, string>>;
}

export interface RunResult {
  /** Rows that were logged. */
  readonly rows: number;
  readonly bytes: number;
}

interface Changes {
  readonly added: readonly Buffer[];
  readonly removed: readonly Buffer[];
}

/** Runs a query and logs what it returns; what is remembered changes only once that is logged. */
export async function executeRun(context: RunContext, run: ScheduledRun): Promise<RunResult> {
  if (run.eventTables.length > 0 || !run.query.snapshot) context.database.requireWritable();
  if (run.eventTables.length > 0) return runOverEvents(context, run);
  return run.query.snapshot ? runSnapshot(context, run) : runOverState(context, run);
}

function request({ config }: RunContext, { query }: ScheduledRun): CollectRequest {
  return {
    name: query.name,
    sql: query.sql,
    format: config.format.numerics ? "osquery_numerics" : "osquery",
    limits: config.limits,
  };
}

function header(context: RunContext, run: ScheduledRun, counter: number): ResultHeader {
  const { config, hostIdentifier, clock } = context;
  return {
    name: run.query.name,
    hostIdentifier,
    unixTime: Math.floor(clock.now() / 1000),
    epoch: config.epoch,
    counter,
    numerics: config.format.numerics,
    decorations: run.decorations,
    decorationsTopLevel: config.format.decorationsTopLevel,
  };
}

async function runSnapshot(context: RunContext, run: ScheduledRun): Promise<RunResult> {
  const rows = await collectRows(context.runner, request(context, run));
  return { rows: rows.length, bytes: await logSnapshot(context, run, rows) };
}

async function runOverEvents(context: RunContext, run: ScheduledRun): Promise<RunResult> {
  const { database, config } = context;
  const { name, sql, incremental, snapshot } = run.query;
  const how: Incremental = incremental ?? chooseIncremental(sql, run.eventTables);
  const options = { unread: context.cursors.unread(name, run.eventTables), incremental: how };
  // Each event is read once: its digest may be on its way only now.
  if (run.readsFacts) await context.factsSettled();
  const total = { rows: 0, bytes: 0 };
  for await (const { rows, cursors } of readEvents(
    context.runner,
    request(context, run),
    options,
  )) {
    const before = database.queryState(name);
    // osquery's counter of event queries starts at 1, and again at 1 in a new epoch.
    const counter = (before?.epoch === config.epoch ? before.counter : 0) + 1;
    const changes = { added: rows, removed: [] };
    if (snapshot) total.bytes += await logSnapshot(context, run, rows);
    else if (rows.length > 0) total.bytes += await logChanges(context, run, { changes, counter });
    total.rows += rows.length;
    const state = !snapshot && rows.length > 0 ? { epoch: config.epoch, counter } : null;
    database.saveCursors(name, state, cursors);
  }
  return total;
}

async function logSnapshot(
  context: RunContext,
  run: ScheduledRun,
  rows: readonly Buffer[],
): Promise<number> {
  const shared = header(context, run, 0);
  const asEvents = context.config.format.snapshotEvents;
  const lines = asEvents ? eventLines(shared, rows, "snapshot") : snapshotLine(shared, rows);
  const count = asEvents ? rows.length : 1;
  if (count > 0) await accept(context, run, { kind: "snapshots", lines, count });
  return lines.length;
}

async function runOverState(context: RunContext, run: ScheduledRun): Promise<RunResult> {
  const { database, config } = context;
  const { name, removed: logsRemoved } = run.query;
  const rows = await collectRows(context.runner, request(context, run));
  const before = database.queryState(name);
  const fresh = before === null || before.epoch !== config.epoch;
  const { added, removed, changes } = compareRows(database, name, rows);
  const shown: Changes = fresh
    ? { added: rows, removed: [] }
    : { added, removed: logsRemoved ? removed : [] };
  const count = shown.added.length + shown.removed.length;
  // Where all begins anew that is told even without rows, but only the batch format has a line for
  // it. The counter rises with changes that `removed: false` keeps out of the log too.
  const isLogged = count > 0 || (fresh && !config.format.events);
  const hasChanged = added.length + removed.length > 0;
  const counter = fresh ? 0 : before.counter + (hasChanged ? 1 : 0);
  const bytes = isLogged ? await logChanges(context, run, { changes: shown, counter }) : 0;
  database.saveResults(name, { epoch: config.epoch, counter }, changes);
  return { rows: count, bytes };
}

async function logChanges(
  context: RunContext,
  run: ScheduledRun,
  { changes, counter }: { readonly changes: Changes; readonly counter: number },
): Promise<number> {
  const shared = header(context, run, counter);
  const removed = changes.removed.map(escapeControlCharacters);
  const added = changes.added.map(escapeControlCharacters);
  const asEvents = context.config.format.events;
  const lines = asEvents
    ? Buffer.concat([eventLines(shared, removed, "removed"), eventLines(shared, added, "added")])
    : batchLine(shared, removed, added);
  const count = asEvents ? removed.length + added.length : 1;
  await accept(context, run, { kind: "results", lines, count });
  return lines.length;
}

function accept(
  context: RunContext,
  run: ScheduledRun,
  batch: { readonly kind: "results" | "snapshots"; readonly lines: Buffer; readonly count: number },
): Promise<void> {
  return context.sink.accept({ ...batch, query: run.query.name, pack: run.pack });
}
