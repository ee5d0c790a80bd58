import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import type { Config, Watchdog } from "../config/config.js";
import { AuditqlError, messageOf } from "../errors.js";
import type { QueryRunner } from "../sql/query.js";
import { isMeantForThisHost } from "./audience.js";
import type { Clock, ClockTimer } from "./clock.js";
import { Decorations } from "./decorations.js";
import { type DueRun, idleStreamingMs, startupRuns, takeDueRuns } from "./due_runs.js";
import { EventCursors, type EventTables } from "./event_cursors.js";
import { setTableLimits } from "./event_retention.js";
import { hostIdentifier } from "./host_identifier.js";
import { type HostIdentity, hostIdentity } from "./host_identity.js";
import { type DescribedPack, describePack } from "./pack_description.js";
import { PackDiscovery } from "./pack_discovery.js";
import { QueryFailure } from "./query_failure.js";
import type { ResultSink } from "./result_sink.js";
import { RunQueue } from "./run_queue.js";
import { type DescribedQuery, describeQuery } from "./schedule_description.js";
import { makeEntries, type ScheduleEntry } from "./schedule_entry.js";
import type { ScheduleLog } from "./schedule_log.js";
import { executeRun, type RunContext, type RunResult } from "./scheduled_run.js";
import { StateDatabase } from "./state_database.js";
import { Troubles } from "./troubles.js";
import { WatchedRunner } from "./watched_runner.js";

export interface ScheduleOptions {
  readonly runner: QueryRunner;
  readonly tables: EventTables;
  readonly sink: ResultSink;
  readonly clock: Clock;
  readonly log: ScheduleLog;
  /** Resolves when what was asked about the events that are stored now is known, or is late. */
  readonly factsSettled: () => Promise<void>;
  /** Folder of the schedule's database. */
  readonly stateDirectory: string;
  /** Draws the splay; Math.random unless given. */
  readonly random?: () => number;
}

/** A query that had to be killed does not run for a day, as in osquery. */
const denylistSeconds = 86_400;

/** How long stop() waits for runs on their way. */
const stopPatienceMs = 3000;

/** 1 while the schedule's progress is in memory alone. */
const unsavedKey = { stage: "schedule", name: "state", metric: "unsaved" } as const;

/** The active configuration, and what is derived from it. */
interface Plan {
  readonly config: Config;
  readonly entries: readonly ScheduleEntry[];
  readonly decorations: Decorations;
  readonly discovery: PackDiscovery;
  readonly context: RunContext;
}

/** Runs the queries of the packs when they are due and hands their results to the sink. */
export class Schedule {
  readonly #options: ScheduleOptions;
  readonly #database: StateDatabase;
  readonly #cursors: EventCursors;
  readonly #queue: RunQueue;
  readonly #troubles: Troubles;
  readonly identity: HostIdentity;
  #plan: Plan | null = null;
  #timer: ClockTimer | null = null;
  #discoveryTimer: ClockTimer | null = null;
  #isStopped = false;
  #startedAtMs = 0;
  #endMs = Number.POSITIVE_INFINITY;

  constructor(options: ScheduleOptions) {
    this.#options = options;
    const { log, tables } = options;
    this.#troubles = new Troubles({ log, counter: (key) => tables.counter(key) });
    this.#database = new StateDatabase(options.stateDirectory, {
      now: () => options.clock.now(),
      onError: (error) => this.#noteUnsaved(error),
      onSaved: () => this.#noteSaved(),
    });
    this.identity = hostIdentity(this.#database);
    this.#cursors = new EventCursors(options.tables, this.#database);
    this.#queue = new RunQueue({ run: (due) => this.#runReported(due) });
  }

  /** Starts with a configuration, and runs what is meant to run at start. */
  async start(config: Config): Promise<void> {
    const { timeoutSeconds } = config.schedule;
    this.#startedAtMs = this.#options.clock.now();
    if (timeoutSeconds > 0) this.#endMs = this.#options.clock.now() + timeoutSeconds * 1000;
    const plan = await this.#adopt(config);
    this.#discover(plan);
    this.#queue.add(startupRuns(plan.entries, this.#now()));
    this.#wake();
  }

  /** Goes on with another configuration; runs on their way are finished by the old one. */
  async reconfigure(config: Config): Promise<void> {
    const plan = await this.#adopt(config);
    this.#discover(plan);
    this.#queue.keep(new Set(plan.entries.map((entry) => entry.query.name)));
    this.#wake();
  }

  /**
   * Starts no more runs and waits a while for those on their way. One that is given up, because its
   * query is slow or no logger takes its rows, is repeated after the next start.
   */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#discoveryTimer?.cancel();
    this.#plan = null;
    this.#queue.keep(new Set());
    const patience = new AbortController();
    const { signal } = patience;
    await Promise.race([
      this.#queue.settled(),
      delay(stopPatienceMs, undefined, { signal }).catch(() => {}),
    ]);
    patience.abort();
    if (this.#database.close()) return;
    this.#options.log.error(
      `failed to save the last logged results in ${this.#options.stateDirectory}; the next start may log them again`,
    );
  }

  /** Runs go on in memory; what has been logged is saved with the next run that finds the disk well. */
  #noteUnsaved(error: unknown): void {
    const { log, tables, stateDirectory } = this.#options;
    tables.counter(unsavedKey).set(1);
    tables.counter({ ...unsavedKey, metric: "errors" }).add(1);
    log.error(
      `failed to save the schedule's progress in ${stateDirectory}: ${messageOf(error)}; keeping it in memory until the disk is writable. Free space, or check the disk.`,
    );
  }

  #noteSaved(): void {
    const { log, tables } = this.#options;
    tables.counter(unsavedKey).set(0);
    log.info("saved the schedule's progress on disk again");
  }

  /** The active schedule, for GET /v1/schedule and osquery_schedule. */
  describe(): readonly DescribedQuery[] {
    return (this.#plan?.entries ?? []).map((entry) =>
      describeQuery(entry, this.#database.deniedUntil(entry.query.name) * 1000 > this.#now()),
    );
  }

  /** The active packs, for osquery_packs. */
  describePacks(): readonly DescribedPack[] {
    const plan = this.#plan;
    if (plan === null) return [];
    const { packs } = plan.config.schedule;
    return packs.map((pack) => describePack(pack, plan.discovery, hostname()));
  }

  /** This host in result lines; null before start(). */
  get hostIdentifier(): string | null {
    return this.#plan?.context.hostIdentifier ?? null;
  }

  async #adopt(config: Config): Promise<Plan> {
    const { runner, clock, sink, tables } = this.#options;
    const { schedule } = config;
    const limits = schedule.limits;
    const before = new Map(this.#plan?.entries.map((entry) => [entry.query.name, entry]));
    const entries = makeEntries({
      config: schedule,
      hostname: hostname(),
      hostUuid: this.identity.uuid,
      nowMs: this.#now(),
      database: this.#database,
      tables,
      random: this.#options.random ?? Math.random,
      before: (name) => before.get(name),
    });
    const identifier = hostIdentifier(schedule.hostIdentifier, this.identity);
    const plan: Plan = {
      config,
      entries,
      decorations: new Decorations({
        decorators: schedule.decorators,
        limits,
        runner,
        clock,
        troubles: this.#troubles,
      }),
      discovery: new PackDiscovery({
        refreshSeconds: schedule.packRefreshSeconds,
        limits,
        runner,
        clock,
        troubles: this.#troubles,
      }),
      context: {
        config: schedule,
        hostIdentifier: identifier,
        runner,
        sink,
        database: this.#database,
        cursors: this.#cursors,
        factsSettled: this.#options.factsSettled,
        clock,
      },
    };
    await this.#prepareAll(entries);
    this.#database.forgetStale(
      new Set(entries.map((entry) => entry.query.name)),
      Math.floor(this.#now() / 1000),
    );
    this.#plan = plan;
    this.#keepTroubles(schedule, entries);
    this.#queue.workers = config.workers.scheduled;
    setTableLimits(tables, config, entries);
    this.#publishCursors();
    return plan;
  }

  /** Learns which event tables a query reads; one that cannot be prepared does not run. */
  async #prepare(entry: ScheduleEntry): Promise<readonly string[]> {
    if (entry.eventTables !== null) return entry.eventTables;
    const { eventTables, readsFacts } = await this.#options.runner.inspect(entry.query.sql);
    entry.readsFacts = readsFacts;
    entry.eventTables = [...new Set(eventTables)];
    return entry.eventTables;
  }

  /** What cannot be prepared yet, for want of a table or a worker, is tried again by its runs. */
  async #prepareAll(entries: readonly ScheduleEntry[]): Promise<void> {
    for (const entry of entries) {
      try {
        await this.#prepare(entry);
      } catch (error) {
        const { name } = entry.query;
        this.#options.log.error(`failed to prepare scheduled query ${name}: ${messageOf(error)}`);
        // Without a worker the others cannot be prepared either, and each try takes its time.
        if (error instanceof AuditqlError && error.code !== "sql_error") return;
      }
    }
  }

  #keepTroubles(schedule: Config["schedule"], entries: readonly ScheduleEntry[]): void {
    const { load, always, interval } = schedule.decorators;
    const decorators = [...load, ...always, ...interval.flatMap(({ queries }) => queries)];
    this.#troubles.keep("decorators", new Set(decorators));
    this.#troubles.keep("discovery", new Set(schedule.packs.map(({ name }) => name)));
    this.#troubles.keep("queries", new Set(entries.map(({ query }) => query.name)));
  }

  #publishCursors(): void {
    const readers = (this.#plan?.entries ?? [])
      .filter((entry) => (entry.eventTables ?? []).length > 0 && !this.#isDenied(entry))
      .map((entry): [string, readonly string[]] => [entry.query.name, entry.eventTables ?? []]);
    this.#cursors.publish(new Map(readers));
  }

  /** Whether a pack is active is known at once, and found anew even while none of its queries is due. */
  #discover(plan: Plan): void {
    this.#discoveryTimer?.cancel();
    if (plan !== this.#plan) return;
    const { packs, packRefreshSeconds } = plan.config.schedule;
    const discovered = packs.filter(
      (pack) => pack.discovery.length > 0 && isMeantForThisHost(pack, hostname()),
    );
    if (discovered.length === 0) return;
    for (const pack of discovered) void plan.discovery.isActive(pack);
    const periodMs = Math.max(1, packRefreshSeconds) * 1000;
    this.#discoveryTimer = this.#options.clock.at(this.#now() + periodMs, () =>
      this.#discover(plan),
    );
  }

  #isDenied({ query }: ScheduleEntry): boolean {
    return query.denylist && this.#database.deniedUntil(query.name) * 1000 > this.#now();
  }

  /** Sets the timer to the next run of any query. */
  #wake(): void {
    this.#timer?.cancel();
    const entries = this.#plan?.entries ?? [];
    const next = entries.reduce((least, entry) => Math.min(least, entry.nextRunMs), this.#endMs);
    if (next < this.#endMs) this.#timer = this.#options.clock.at(next, () => this.#onTimer());
  }

  #onTimer(): void {
    const plan = this.#plan;
    if (plan === null) return;
    const due = takeDueRuns(plan.entries, {
      nowMs: this.#now(),
      maxDriftMs: plan.config.schedule.maxDriftSeconds * 1000,
      isRunning: (name) => this.#queue.isBusy(name),
      hasNews: ({ query, eventTables }) => this.#cursors.hasUnread(query.name, eventTables ?? []),
    });
    this.#queue.add(due);
    this.#wake();
  }

  async #runReported(due: DueRun): Promise<void> {
    const plan = this.#plan;
    if (plan === null) return;
    await this.#run(plan, due).catch((error) =>
      this.#report(`Scheduled query ${due.entry.query.name}: ${messageOf(error)}`),
    );
  }

  async #run(plan: Plan, { entry, dueMs }: DueRun): Promise<void> {
    const { query, pack, figures } = entry;
    if (this.#isDenied(entry) || !(await plan.discovery.isActive(pack))) return;
    const startedAtMs = this.#now();
    figures.noteLag(startedAtMs - dueMs);
    if (plan.config.schedule.logNames)
      this.#options.log.info(`Executing scheduled query ${query.name}: ${query.sql}`);
    const runner = new WatchedRunner(this.#options.runner, this.#watchdogOf(plan));
    let result: RunResult = { rows: 0, bytes: 0 };
    let error: string | null = null;
    try {
      const eventTables = await this.#prepare(entry);
      const decorations = await plan.decorations.current();
      const { readsFacts } = entry;
      const run = { query, pack: pack.name, eventTables, readsFacts, decorations };
      result = await executeRun({ ...plan.context, runner }, run);
      this.#troubles.works("queries", query.name, `scheduled query ${query.name}`);
    } catch (cause) {
      error = messageOf(cause);
      const message = `Scheduled query ${query.name} failed: ${error}`;
      if (!this.#isStopped) this.#troubles.failed("queries", query.name, "error", message);
      this.#denyIfKilled(plan, entry, cause);
      if (query.trigger.kind === "streaming") entry.nextRunMs = this.#now() + idleStreamingMs;
    }
    if (this.#isStopped) return;
    const elapsedMs = this.#now() - startedAtMs;
    figures.noteRun({ startedAtMs, elapsedMs, ...result, error, usage: await runner.usage() });
    this.#logWarnings(entry, runner.warnings());
    this.#database.noteRun(query.name, Math.floor(startedAtMs / 1000));
    if ((entry.eventTables ?? []).length > 0) this.#publishCursors();
  }

  #logWarnings({ query, warned }: ScheduleEntry, warnings: ReadonlySet<string>): void {
    for (const warning of warnings) {
      if (!warned.has(warning)) this.#options.log.warn(`Scheduled query ${query.name}: ${warning}`);
      warned.add(warning);
    }
  }

  /** osquery gives its worker a while to start in; ours start on demand. */
  #watchdogOf({ config }: Plan): Watchdog | null {
    const { watchdog } = config.schedule;
    const isDue = this.#now() - this.#startedAtMs >= (watchdog?.delayMs ?? 0);
    return isDue ? watchdog : null;
  }

  #denyIfKilled({ config }: Plan, { query, eventTables }: ScheduleEntry, cause: unknown): void {
    const { denylistEnabled, denylistEventQueries } = config.schedule;
    const readsEvents = (eventTables ?? []).length > 0;
    if (this.#isStopped || !(cause instanceof QueryFailure) || !cause.wasKilled) return;
    if (!denylistEnabled || !query.denylist || (readsEvents && !denylistEventQueries)) return;
    this.#database.deny(query.name, Math.floor(this.#now() / 1000) + denylistSeconds);
    this.#options.log.warn(
      `denylisted scheduled query ${query.name} for 24 hours: ${cause.message}`,
    );
  }

  /** Runs that stop() gave up fail for want of what was closed: nobody need know. */
  #report(message: string): void {
    if (!this.#isStopped) this.#options.log.error(message);
  }

  #now(): number {
    return this.#options.clock.now();
  }
}
