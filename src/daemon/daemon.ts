import { hostname } from "node:os";
import type { Config } from "../config/config.js";
import type { ConfigSource } from "../config/config_source.js";
import { type Diagnostic, formatDiagnostic } from "../config/diagnostic.js";
import { secretFilesOf } from "../config/secret_files.js";
import { placed, type StageProblem } from "../config/stage_problem.js";
import { withTimeout } from "../enrich/with_timeout.js";
import { AuditqlError, messageOf } from "../errors.js";
import { LogOutput } from "../log/log_output.js";
import { StatusLog } from "../log/status_log.js";
import type { Addon } from "../native/addon.js";
import type { Engine } from "../native/engine.js";
import { systemClock } from "../schedule/clock.js";
import { Schedule } from "../schedule/schedule.js";
import { warmWorkers } from "../schedule/warm_workers.js";
import type { Readiness } from "../serve/server_context.js";
import type { WorkerPool } from "../sql/worker_pool.js";
import { CaptureControl } from "./capture_control.js";
import { CaptureWatch } from "./capture_watch.js";
import { checkRules, checkStages } from "./check_stages.js";
import { ConfigReloader } from "./config_reloader.js";
import { fillDaemonRows } from "./fill_daemon_rows.js";
import { type HttpParts, type HttpServer, openHttpServer } from "./http_server.js";
import { openEngine } from "./open_engine.js";
import { openEnrichment } from "./open_enrichment.js";
import { openWorkers } from "./open_workers.js";
import { makePrivateDirectory } from "./private_directory.js";
import { type PublishStages, publishEvents } from "./publish_events.js";
import { readinessOf } from "./readiness.js";
import { Resources, type Unclosed } from "./resources.js";
import { splitRestartOnly } from "./split_restart_only.js";

export interface DaemonOptions {
  readonly source: ConfigSource;
  readonly addon: Addon;
  readonly version: string;
  readonly stderr: { write(text: string): void };
  /** Someone reads stderr, and is told how to sign in. */
  readonly isAttended: boolean;
}

/** What a capturing daemon still needs once everything is open (capabilities(7)): the audit
 * netlink, /proc of other users' processes, log files of other users; and to start query workers
 * with an account of their own, and end them. docs/deploy/security.md lists them. */
const keptCapabilities = [
  "cap_audit_control",
  "cap_audit_read",
  "cap_dac_override",
  "cap_dac_read_search",
  "cap_kill",
  "cap_net_admin",
  "cap_setgid",
  "cap_setpcap",
  "cap_setuid",
  "cap_sys_ptrace",
];

/** What stop() takes at most, its closers' least times aside; see stopGuard in commands/daemon.ts. */
const stopMs = 7000;
/** Of these: how long the loggers have for the last lines of the status log. */
const lastLinesMs = 1000;
/** How soon the log tells a change of what capture sees. */
const watchMs = 5000;

/** The daemon: the only place where the stages are joined. */
export class Daemon {
  readonly #options: DaemonOptions;
  readonly #resources = new Resources();
  readonly #status: StatusLog;
  readonly #publishWarnings = new Set<string>();
  readonly #startTime = Math.floor(Date.now() / 1000);
  #engine: Engine | null = null;
  #schedule: Schedule | null = null;
  #capture: CaptureControl | null = null;
  #captureWatch: CaptureWatch | null = null;
  /** What the stages had against the newest configuration. */
  #told: ReadonlySet<string> = new Set();
  #reopen: () => Promise<void> = async () => {};
  #isStarted = false;
  /** Of the configuration that the daemon was opened with, and of the present one. */
  #protectedPaths: readonly string[];

  constructor(options: DaemonOptions) {
    this.#options = options;
    this.#protectedPaths = secretFilesOf(options.source.current);
    this.#status = new StatusLog({
      config: options.source.current.log.status,
      hostIdentifier: () => this.#schedule?.hostIdentifier ?? hostname(),
      version: options.version,
      counter: (key) => this.#requireEngine().counter(key),
      writeStderr: (line) => options.stderr.write(line),
    });
  }

  /** Opens every stage, from the store to the schedule; on an error closes what it had opened. */
  async start(): Promise<void> {
    try {
      await this.#open();
    } catch (error) {
      await this.#close();
      throw error;
    }
  }

  /**
   * Puts the host's auditing back, finishes what runs, and closes everything; also in the middle of
   * start(), which is then rejected. Takes a bounded time: what hangs is left to the process's end.
   */
  async stop(): Promise<void> {
    this.#status.logger.info("stopping");
    const { failures, late } = await this.#close();
    const say = (text: string) => this.#options.stderr.write(`auditql: ${text}\n`);
    for (const failure of failures) say(`failed to close ${failure}`);
    for (const name of late) say(`timed out closing: ${name}`);
    const { unlogged } = this.#status;
    if (unlogged > 0) say(`status lines not accepted by any logger: ${unlogged}`);
  }

  /** The host's auditing first: what comes behind may have to wait for disks and receivers. */
  async #close(): Promise<Unclosed> {
    const end = performance.now() + stopMs;
    const failures: string[] = [];
    try {
      this.#engine?.stopCapture();
    } catch (error) {
      failures.push(`the capture: ${messageOf(error)}`);
    }
    const unclosed = await this.#resources.close(end - performance.now());
    return { ...unclosed, failures: [...failures, ...unclosed.failures] };
  }

  /** SIGHUP: reloads the configuration and reopens log files. */
  async reload(): Promise<void> {
    this.#options.source.reload();
    this.#capture?.renew();
    await this.#checkChanged(this.#options.source.current);
    await this.#reopen();
  }

  async #open(): Promise<void> {
    const { source, addon } = this.#options;
    const config = source.current;
    await this.#check(config);
    // State, logs, sockets and tokens are for their owner only.
    process.umask(0o077);
    makePrivateDirectory(config.statePath);
    makePrivateDirectory(config.log.directory);
    const engine = this.#resources.add(
      "the event store",
      openEngine(addon, config),
      (opened) => opened.close(),
      { mustBeAlone: true },
    );
    this.#engine = engine;
    this.#captureWatch = new CaptureWatch({
      engine,
      config: () => source.current,
      log: this.#captureLog(),
    });
    const output = await this.#openLog(config, engine);
    const runner = this.#startWorkers(config, engine);
    const log = this.#status.logger.child({ stage: "enrich" });
    const enrichment = openEnrichment(config, { addon, engine, runner, log });
    this.#resources.add("the enrichment", enrichment, (opened) => opened.close());
    const schedule = new Schedule({
      runner,
      tables: engine,
      sink: output,
      clock: systemClock,
      log: this.#status.logger.child({ stage: "schedule" }),
      stateDirectory: config.statePath,
      factsSettled: () => enrichment.settled(),
    });
    this.#schedule = this.#resources.add("the schedule", schedule, (opened) => opened.stop());
    const http = config.http.enabled ? await this.#listen({ engine, runner, schedule }) : null;
    this.#startCapture(config, engine);
    const look = () => this.#requireCapture().look();
    this.#resources.add("the capture watch", setInterval(look, watchMs), clearInterval);
    await publishEvents(config, this.#publishStages(engine, runner));
    this.#dropPrivileges(config);
    const sendDaemonRows = this.#daemonRowsSender(runner, schedule);
    sendDaemonRows();
    this.#reopen = async () => {
      http?.reload();
      await output.reopen();
    };
    await schedule.start(config);
    this.#watchConfig({ source, output, schedule, runner, config, sendDaemonRows });
    this.#isStarted = true;
    this.#status.logger.info(`auditql ${this.#options.version} is ready`);
  }

  /** What a stage has against the configuration is known before anything is opened or changed. */
  async #check(config: Config): Promise<void> {
    const problems = await checkStages(config, this.#options.addon);
    const errors = problems.filter(({ severity }) => severity === "error");
    const messages = errors.map(({ message }) => message);
    if (errors[0] !== undefined) throw new AuditqlError(errors[0].code, messages.join("\n"));
    this.#tellOnce(problems);
  }

  /** Of a changed configuration: what its stages say is told, and each keeps what it had. */
  async #checkChanged(config: Config): Promise<void> {
    this.#tellOnce(await checkStages(config, this.#options.addon));
  }

  #tellOnce(problems: readonly StageProblem[]): void {
    const news = problems.filter(({ message }) => !this.#told.has(message));
    this.#told = new Set(problems.map(({ message }) => message));
    const { source } = this.#options;
    for (const problem of news) this.#warn(placed(problem, (keys) => source.positionOf(keys)));
  }

  async #openLog(config: Config, engine: Engine): Promise<LogOutput> {
    for (const warning of this.#options.source.warnings) this.#warn(warning);
    const output = await LogOutput.open({
      config: config.log,
      counter: (key) => engine.counter(key),
      onError: (message) => this.#options.stderr.write(`auditql: ${message}\n`),
    });
    this.#resources.add("the loggers", output, async (opened) => {
      await withTimeout(this.#status.flushed(), lastLinesMs);
      await opened.close();
    });
    this.#status.attach(output);
    return output;
  }

  #startWorkers(config: Config, engine: Engine): WorkerPool {
    const pool = openWorkers(config, {
      engine,
      log: this.#status.logger,
      protectedPaths: () => this.#protectedPaths,
    });
    return this.#resources.add("the query workers", pool, (opened) => opened.close());
  }

  async #listen(parts: Pick<HttpParts, "engine" | "runner" | "schedule">): Promise<HttpServer> {
    const server = openHttpServer({
      ...parts,
      version: this.#options.version,
      addon: this.#options.addon,
      config: () => this.#options.source.current,
      readiness: () => this.#readiness(),
      capture: () => this.#requireCapture().look(),
      isAttended: this.#options.isAttended,
      logger: this.#status.logger.child({ stage: "serve" }),
    });
    this.#resources.add("the HTTP server", server, (opened) => opened.close());
    const url = await server.listen();
    // For the user who started it, and not for the log, which other users may read.
    if (this.#options.isAttended && url !== null) {
      const signIn = `auditql: sign in once, within ten minutes: ${server.signInUrl(url)}`;
      this.#options.stderr.write(`\nauditql: ${url}\n${signIn}\n\n`);
    }
    return server;
  }

  #startCapture(config: Config, engine: Engine): void {
    const capture = new CaptureControl(engine, this.#status.logger);
    this.#capture = capture;
    // stop() ends it before all others; it is here for a start that stop() has overtaken.
    this.#resources.add("the capture", engine, (opened) => opened.stopCapture());
    this.#requireCapture().started(capture.start(config.capture));
  }

  #dropPrivileges(config: Config): void {
    const kept = [...keptCapabilities];
    if (config.publish.syslog !== null) kept.push("cap_chown");
    // Linux before 5.19 requires it to read a map of the eBPF programs.
    if (this.#requireCapture().look().backend === "ebpf") kept.push("cap_bpf");
    try {
      this.#options.addon.dropPrivileges(kept);
    } catch (error) {
      this.#status.logger.warn({ err: error }, "failed to drop unneeded capabilities");
    }
  }

  #readiness(): Readiness {
    // HTTP is answered before anything is watched, scheduled, or taken from a changed configuration.
    if (!this.#isStarted) return { ready: false, reasons: ["the daemon is still starting"] };
    return readinessOf(this.#requireCapture().look());
  }

  /** What is known of the daemon at the time of each query; workers are told again of a change. */
  #daemonRowsSender(runner: WorkerPool, schedule: Schedule): () => void {
    const daemonRows = () =>
      fillDaemonRows({
        config: this.#options.source.current,
        engine: this.#requireEngine(),
        schedule: schedule.describe(),
        version: this.#options.version,
        startTime: this.#startTime,
        identity: schedule.identity,
        packs: schedule.describePacks(),
        isConfigValid: !this.#options.source.isBroken,
        capture: this.#requireCapture().look(),
      });
    return () => runner.setDaemonRows(daemonRows);
  }

  #watchConfig(parts: {
    readonly source: ConfigSource;
    readonly output: LogOutput;
    readonly schedule: Schedule;
    readonly runner: WorkerPool;
    /** What the stages were opened with. */
    readonly config: Config;
    readonly sendDaemonRows: () => void;
  }): void {
    const { source, output, schedule, runner, sendDaemonRows } = parts;
    const engine = this.#requireEngine();
    const reloader = new ConfigReloader({
      log: this.#status.logger,
      apply: (changed, signal) => {
        const { config, pending } = splitRestartOnly(parts.config, changed);
        for (const name of pending) this.#warnOfPending(name);
        this.#protectedPaths = [...secretFilesOf(parts.config), ...secretFilesOf(config)];
        runner.setUserTables(config.userTables);
        sendDaemonRows();
        runner.keepScheduleWorkers(warmWorkers(config));
        this.#capture?.reconfigure(config.capture, checkRules(config, this.#options.addon));
        return [
          schedule.reconfigure(config),
          output.reconfigure(config.log),
          publishEvents(config, { ...this.#publishStages(engine, runner), signal }),
        ];
      },
    });
    const warn = (problems: readonly Diagnostic[]) => {
      for (const problem of problems) this.#warn(problem);
    };
    const adopt = (config: Config, warnings: readonly Diagnostic[]) => {
      warn(warnings);
      void this.#checkChanged(config);
      reloader.adopt(config);
    };
    source.start({
      onChange: adopt,
      onWarnings: warn,
      onBroken: (problems) => {
        warn(problems);
        this.#status.logger.error("new configuration is invalid; keeping the previous one");
      },
    });
    this.#resources.add("the configuration", source, (opened) => {
      opened.close();
      reloader.close();
    });
    // A SIGHUP during the start has changed it already; a change of the files may have been missed.
    if (source.current !== parts.config) adopt(source.current, []);
    source.reload();
  }

  #warnOfPending(setting: string): void {
    const message = `${setting}: restart required to apply the new value`;
    this.#warn({ severity: "warning", message, position: null });
  }

  #warn(problem: Diagnostic): void {
    const log = this.#status.logger.child({ stage: "config" });
    const text = formatDiagnostic(problem);
    if (problem.severity === "error") log.error(text);
    else log.warn(text);
  }

  #captureLog = () => this.#status.logger.child({ stage: "capture" });

  #publishStages(engine: Engine, runner: WorkerPool): PublishStages {
    const capture = this.#requireCapture();
    const log = this.#captureLog();
    const onProblems = capture.published.bind(capture);
    return { engine, runner, log, warned: this.#publishWarnings, onProblems };
  }

  #requireCapture(): CaptureWatch {
    if (this.#captureWatch === null)
      throw new AuditqlError("internal", "the event store is not open");
    return this.#captureWatch;
  }

  #requireEngine(): Engine {
    if (this.#engine === null) throw new AuditqlError("internal", "the event store is not open");
    return this.#engine;
  }
}
