import { join } from "node:path";
import Type from "typebox";
import { errnoOf } from "../errors.js";
import type { LogBatch } from "../schedule/result_sink.js";
import { LogFile } from "./log_file.js";
import { defineLogger, type LoggerContext, type ResultLogger } from "./logger.js";
import { glogLine, parseStatusLines, severities } from "./status_line.js";

/** Writes files in logger_path: results, snapshots, and one per severity of status lines. */
export const filesystemLogger = defineLogger({
  name: "filesystem",
  description: "Writes files in logger_path, rotated by size and age.",
  options: Type.Object({}),
  isLocal: true,
  async open(_options, context) {
    const logger = new FilesystemLogger(context);
    await logger.create();
    return logger;
  },
});

class FilesystemLogger implements ResultLogger {
  readonly #results: LogFile;
  readonly #snapshots: LogFile;
  /** By severity; each also takes what is more severe. */
  readonly #status: readonly LogFile[];

  constructor({ config }: LoggerContext) {
    const file = (name: string) =>
      new LogFile({
        path: join(config.directory, name),
        mode: config.mode,
        rotation: config.rotation,
        fsync: config.fsync,
        now: () => Date.now(),
      });
    this.#results = file(config.resultsName);
    this.#snapshots = file(config.snapshotsName);
    this.#status = severities.map((severity) => file(`${config.statusName}.${severity}`));
  }

  /** osquery creates an empty results file at its start; log shippers wait for it. */
  async create(): Promise<void> {
    try {
      await this.#results.create();
    } catch (error) {
      // A full disk may have room again before there is a line to write.
      if (errnoOf(error) !== "ENOSPC") throw error;
    }
  }

  async write(batch: LogBatch): Promise<void> {
    if (batch.kind === "results") await this.#results.append(batch.lines);
    else if (batch.kind === "snapshots") await this.#snapshots.append(batch.lines);
    else await this.#writeStatus(batch);
  }

  async #writeStatus(batch: LogBatch): Promise<void> {
    const records = parseStatusLines(batch);
    for (const [severity, file] of this.#status.entries()) {
      const text = records
        .filter((record) => record.severity >= severity)
        .map((record) => `${glogLine(record)}\n`)
        .join("");
      if (text !== "") await file.append(Buffer.from(text));
    }
  }

  async reopen(): Promise<void> {
    for (const file of this.#files()) await file.reopen();
  }

  async close(): Promise<void> {
    for (const file of this.#files()) await file.close();
  }

  #files(): LogFile[] {
    return [this.#results, this.#snapshots, ...this.#status];
  }
}
