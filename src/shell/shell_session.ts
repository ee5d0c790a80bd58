import { closestName } from "../config/closest_name.js";
import { AuditqlError } from "../errors.js";
import { displayText } from "./display_text.js";
import type { FormatOptions } from "./formats/define_format.js";
import { findMetaCommand } from "./meta_commands/all.js";
import type { AnswerOutcome, QuerySource, TableInfo } from "./query_source.js";
import { runStatement } from "./run_statement.js";
import { formatOptionsOf, type Screen, type ShellSettings } from "./shell_settings.js";
import { splitStatements } from "./statement_splitter.js";
import { OutputClosed, type TextSink } from "./text_sink.js";

export interface ShellOptions {
  readonly source: QuerySource;
  /** Opens what `.connect` names. */
  readonly openSource: (where: string) => QuerySource;
  readonly output: TextSink;
  readonly errors: TextSink;
  readonly screen: Screen;
  readonly settings: ShellSettings;
  readonly version: string;
}

/** The state of a shell: takes lines of input, runs what they complete, and prints. */
export class ShellSession {
  readonly settings: ShellSettings;
  readonly version: string;
  /** Set once the session is to end. */
  exitStatus: number | null = null;
  hasFailed = false;
  readonly #options: ShellOptions;
  #source: QuerySource;
  #tables: readonly TableInfo[] | null = null;
  #pending = "";
  #running: AbortController | null = null;

  constructor(options: ShellOptions) {
    this.settings = options.settings;
    this.version = options.version;
    this.#options = options;
    this.#source = options.source;
  }

  get address(): string {
    return this.#source.address;
  }

  /** The begun statement that waits for its semicolon; empty when there is none. */
  get pending(): string {
    return this.#pending;
  }

  /** Takes one line; runs the meta command or the statements that it completes. */
  async takeLine(line: string): Promise<void> {
    if (this.#pending === "" && line.trimStart().startsWith(".")) {
      await this.#guard(() => this.#runMetaCommand(line.trim()));
      return;
    }
    const { statements, rest } = splitStatements(`${this.#pending}${line}\n`);
    this.#pending = rest;
    for (const sql of statements) {
      if (this.exitStatus === null) await this.#guard(() => this.runSql(sql));
    }
  }

  /** Runs what still waits for a semicolon: input that is not typed may leave out the last one. */
  async takeEnd(): Promise<void> {
    const sql = this.#pending;
    this.#pending = "";
    if (sql !== "" && this.exitStatus === null) await this.#guard(() => this.runSql(sql));
  }

  /** Cancels the running query, else drops the begun statement. False when there is neither. */
  interrupt(): boolean {
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
    const outcome = await this.withSignal((signal) => this.#query(sql, signal));
    if (outcome.truncatedBy !== null) {
      await this.warn(`Rows are missing: the result reached the limit on ${outcome.truncatedBy}.`);
    }
    if (settings.isTimerOn) {
      const seconds = (performance.now() - startedAt) / 1000;
      await this.print(
        `Run Time: real ${seconds.toFixed(3)} query ${(outcome.elapsedMs / 1000).toFixed(3)} rows ${outcome.rows}\n`,
      );
    }
  }

  /** Runs something that Ctrl-C can cancel. */
  async withSignal<T>(act: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const running = new AbortController();
    this.#running = running;
    try {
      return await act(running.signal);
    } finally {
      this.#running = null;
    }
  }

  /** Tables of the source; asked for once. */
  async tables(): Promise<readonly TableInfo[]> {
    this.#tables ??= await this.#source.tables();
    return this.#tables;
  }

  /** Sends what follows somewhere else. */
  async connect(where: string): Promise<void> {
    const source = this.#options.openSource(where);
    this.#tables = await source.tables();
    this.#source = source;
  }

  /** For meta commands that show rows of their own. */
  formatOptions(): FormatOptions {
    return formatOptionsOf(this.settings, this.#options.screen);
  }

  print(text: string): Promise<void> {
    return this.#options.output.write(text);
  }

  warn(text: string): Promise<void> {
    return this.#options.errors.write(`${displayText(text)}\n`);
  }

  #query(sql: string, signal: AbortSignal): Promise<AnswerOutcome> {
    const { timeoutMs, format } = this.settings;
    return runStatement(
      this.#source,
      { sql, limits: timeoutMs === null ? {} : { timeoutMs }, signal },
      {
        sink: this.#options.output,
        format,
        options: this.formatOptions(),
      },
    );
  }

  async #runMetaCommand(line: string): Promise<void> {
    const [name = "", ...args] = line.slice(1).split(/\s+/);
    if (this.settings.isEchoOn) await this.print(`${line}\n`);
    await findMetaCommand(name).run(this, args, line.slice(1 + name.length).trim());
  }

  /** An error ends the statement, not the shell. */
  async #guard(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (error instanceof OutputClosed || !(error instanceof AuditqlError)) throw error;
      this.hasFailed = true;
      await this.warn(`Error: ${error.code}: ${error.message}${this.#hintFor(error)}`);
      if (this.settings.isBailOn) this.exitStatus = 1;
    }
  }

  #hintFor(error: AuditqlError): string {
    const name = /^no such table: (\w+)/.exec(error.message)?.[1];
    if (name === undefined || this.#tables === null) return "";
    const near = closestName(
      name,
      this.#tables.map((table) => table.name),
    );
    return near === null ? "" : `. Did you mean ${near}?`;
  }
}
