import type { OutputFormat } from "../client/formats/define_format.js";
import { type AllRows, queryAll } from "../client/query_all.js";
import type { AnswerOutcome, QuerySource, TableInfo } from "../client/query_source.js";
import { resultWarnings } from "../client/result_warnings.js";
import { runStatement } from "../client/run_statement.js";
import { OutputClosed, type TextSink } from "../client/text_sink.js";
import { AuditqlError } from "../errors.js";
import { splitStatements } from "../util/sql_tokens.js";
import { highlightSql } from "./highlight_sql.js";
import { type ResultTarget, type Screen, ShellOutput } from "./shell_output.js";
import type { ShellSettings } from "./shell_settings.js";
import { SourceNames } from "./source_names.js";

/** Runs a line that begins with a dot, without the dot. */
type RunMetaCommand = (session: ShellSession, line: string) => Promise<void>;

export interface ShellOptions {
  readonly runMetaCommand: RunMetaCommand;
  readonly source: QuerySource;
  /** Opens what `.connect` names. */
  readonly openSource: (where: string) => QuerySource;
  readonly output: TextSink;
  readonly errors: TextSink;
  readonly screen: Screen;
  readonly settings: ShellSettings;
  readonly version: string;
}

interface Statement {
  readonly sql: string;
  readonly signal: AbortSignal;
  readonly format: OutputFormat;
}

/** The meta command that a line is; null when it is SQL. */
function commandOf(line: string): string | null {
  const text = line.trim();
  // A backslash is psql's dot, and begins no SQL: it is answered like a command that is unknown.
  if (/^[.\\]/.test(text)) return text;
  const word = /^(help|exit|quit)\s*;?$/i.exec(text)?.[1];
  return word === undefined ? null : `.${word.toLowerCase()}`;
}

/** The state of a shell: takes lines of input, runs what they complete, and prints. */
export class ShellSession {
  readonly settings: ShellSettings;
  readonly version: string;
  /** Set once the session is to end. */
  exitStatus: number | null = null;
  hasFailed = false;
  /** The newest statement that was typed: what `.watch` and `.export` run again. */
  lastSql: string | null = null;
  readonly output: ShellOutput;
  readonly #options: ShellOptions;
  #source: QuerySource;
  #names: SourceNames;
  #pending = "";
  #running: AbortController | null = null;
  /** Ctrl-C was pressed since the line was taken: what it still starts is cancelled, too. */
  #isInterrupted = false;

  constructor(options: ShellOptions) {
    this.settings = options.settings;
    this.version = options.version;
    this.#options = options;
    this.#source = options.source;
    this.#names = new SourceNames(options.source);
    const { output, errors, screen, settings } = options;
    const onInterrupt = () => void this.interrupt();
    this.output = new ShellOutput({ output, errors, screen, settings, onInterrupt });
  }

  get address(): string {
    return this.#source.address;
  }

  /** The quote or comment that the begun statement leaves open. */
  get openToken(): string | null {
    return splitStatements(this.#pending).open;
  }

  /** The begun statement that waits for its semicolon; empty when there is none. */
  get pending(): string {
    return this.#pending;
  }

  /** Whether a line leaves nothing that waits for a semicolon. */
  completes(line: string): boolean {
    const last = line.slice(line.lastIndexOf("\n") + 1);
    const isCommand = this.#pending === "" && last === line && commandOf(line) !== null;
    return isCommand || splitStatements(`${this.#pending}${line}\n`).rest === "";
  }

  /** Takes what was entered, mostly one line; runs the meta commands and the statements that it
   * completes, until Ctrl-C. */
  async takeLine(entered: string): Promise<void> {
    this.#isInterrupted = false;
    for (const line of entered.split("\n")) {
      if (this.exitStatus !== null || this.#isInterrupted) return;
      await this.#takeOneLine(line);
    }
  }

  async #takeOneLine(line: string): Promise<void> {
    const command = this.#pending === "" ? commandOf(line) : null;
    if (command !== null) return this.#guard(() => this.#runMetaCommand(command));
    const { statements, rest } = splitStatements(`${this.#pending}${line}\n`);
    this.#pending = rest;
    for (const sql of statements) await this.#takeStatement(sql);
  }

  /** Runs a text that was not typed, its last statement with or without a semicolon. */
  async takeText(text: string): Promise<void> {
    for (const line of text.split(/\r?\n/)) {
      if (this.exitStatus === null) await this.takeLine(line);
    }
    await this.takeEnd();
  }

  /** Runs what still waits for a semicolon: input that is not typed may leave out the last one. */
  async takeEnd(): Promise<void> {
    const sql = this.#pending;
    this.#pending = "";
    if (sql !== "") await this.#takeStatement(sql);
  }

  /** Says that what was begun, and is left, was not run. */
  async tellOfPending(): Promise<void> {
    if (this.#pending.trim() === "") return;
    await this.output.warn("Incomplete statement discarded: missing ';'.");
  }

  /** Cancels the running query, else drops the begun statement. False when there is neither. */
  interrupt(): boolean {
    this.#isInterrupted = true;
    if (this.#running !== null) {
      this.#running.abort();
      return true;
    }
    const hadPending = this.#pending !== "";
    this.#pending = "";
    return hadPending;
  }

  /** Runs one statement and prints its rows. */
  async runSql(sql: string): Promise<void> {
    const { settings } = this;
    if (settings.isEchoOn) await this.print(`${sql};\n`);
    const startedAt = performance.now();
    const outcome = await this.output.withResult((target) =>
      this.withSignal((signal) => this.#query({ sql, signal, format: settings.format }, target)),
    );
    // Whoever leaves the pager has seen enough, and the query is cancelled.
    if (outcome === null) return;
    await this.#warnOf(outcome);
    if (settings.isTimerOn) {
      const seconds = (performance.now() - startedAt) / 1000;
      await this.print(
        `Run Time: real ${seconds.toFixed(3)} query ${(outcome.elapsedMs / 1000).toFixed(3)} rows ${outcome.rows}\n`,
      );
    }
  }

  /** Shows the rows of a statement over one event table as events arrive, until Ctrl-C. */
  async follow(sql: string): Promise<void> {
    const writer = this.settings.format.startLive(this.output.formatOptions());
    try {
      await this.withSignal((signal) =>
        this.#source.follow({
          sql,
          signal,
          onRows: (lines) => this.print(lines.map((line) => writer.row(line)).join("")),
          onMissed: (events) =>
            this.output.warn(
              `${events} events were dropped: they arrived faster than they were shown.`,
            ),
          onLost: () =>
            this.output.warn("Connection to the daemon lost. Reconnecting; press Ctrl-C to stop."),
          onFound: () => this.output.warn("Reconnected."),
        }),
      );
    } finally {
      await this.print(writer.end([]));
    }
  }

  /** Runs something that Ctrl-C can cancel. */
  async withSignal<T>(act: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const running = new AbortController();
    if (this.#isInterrupted) running.abort();
    this.#running = running;
    try {
      return await act(running.signal);
    } finally {
      this.#running = null;
    }
  }

  /** Runs a statement whose rows the shell itself reads. */
  ask(sql: string, maxRows?: number): Promise<AllRows> {
    return this.withSignal((signal) => queryAll(this.#source, { sql, signal }, maxRows));
  }

  tables(): Promise<readonly TableInfo[]> {
    return this.#names.tables();
  }

  /** Names of SQL functions. */
  functions(): Promise<readonly string[]> {
    return this.#names.functions();
  }

  /** Sends what follows somewhere else. */
  async connect(where: string): Promise<void> {
    await this.#turnTo(this.#options.openSource(where));
  }

  /** Sends what follows to where the shell began again. */
  async disconnect(): Promise<void> {
    if (this.#source === this.#options.source) {
      throw new AuditqlError(
        "usage",
        `Cannot disconnect: ${this.address} is the initial connection.`,
      );
    }
    await this.#turnTo(this.#options.source);
  }

  /** Only to one that answers. */
  async #turnTo(source: QuerySource): Promise<void> {
    const names = new SourceNames(source);
    await names.tables();
    this.#source = source;
    this.#names = names;
  }

  /** Writes the rows of a statement to a file; answers with their number. */
  async exportRows(sql: string, path: string, format: OutputFormat): Promise<number> {
    const outcome = await this.output.withFile(path, (target) =>
      this.withSignal((signal) => this.#query({ sql, signal, format }, target)),
    );
    await this.#warnOf(outcome);
    return outcome.rows;
  }

  print(text: string): Promise<void> {
    return this.output.print(text);
  }

  /** SQL with the colours of the screen. */
  highlight(sql: string, from = 0): string {
    return highlightSql(sql, this.#names.known, this.#options.screen.paint, from);
  }

  async #warnOf(outcome: AnswerOutcome): Promise<void> {
    for (const notice of resultWarnings(outcome)) await this.output.warn(notice);
  }

  #query(statement: Statement, target: ResultTarget): Promise<AnswerOutcome> {
    const { sql, signal, format } = statement;
    const { timeoutMs } = this.settings;
    const limits = timeoutMs === null ? {} : { timeoutMs };
    return runStatement(this.#source, { sql, limits, signal }, { ...target, format });
  }

  async #takeStatement(sql: string): Promise<void> {
    if (this.exitStatus !== null) return;
    this.lastSql = sql;
    await this.#guard(() => this.runSql(sql));
  }

  async #runMetaCommand(line: string): Promise<void> {
    if (this.settings.isEchoOn) await this.print(`${line}\n`);
    if (line.startsWith("\\")) {
      throw new AuditqlError("usage", "Shell commands start with a dot. See .help.");
    }
    await this.#options.runMetaCommand(this, line.slice(1));
  }

  /** An error ends the statement, not the shell. */
  async #guard(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (error instanceof OutputClosed || !(error instanceof AuditqlError)) throw error;
      this.hasFailed = true;
      await this.output.warn(`Error: ${error.code}: ${error.message}`);
      if (this.settings.isBailOn) this.exitStatus = 1;
    }
  }
}
