import { constants, type Stats } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { LogConfig } from "../config/config.js";
import { kindOf } from "../config/user_file.js";
import { errnoOf } from "../errors.js";
import { makeDirectories } from "../util/make_directories.js";
import { compressRotated, rotateFiles } from "./rotate_files.js";

export interface LogFileOptions {
  readonly path: string;
  readonly mode: number;
  readonly rotation: LogConfig["rotation"];
  readonly fsync: LogConfig["fsync"];
  /** Milliseconds since 1970; decides rotation by age. */
  now(): number;
}

/** A log file that only whole batches are appended to. Calls must not overlap. */
export class LogFile {
  readonly #options: LogFileOptions;
  #handle: FileHandle | null = null;
  #openedAtMs = 0;
  #compressing: Promise<void> = Promise.resolve();

  constructor(options: LogFileOptions) {
    this.#options = options;
  }

  /** Creates the file when it is missing, as osquery does at its start. */
  async create(): Promise<void> {
    await this.#current();
  }

  /** Appends all bytes or, with an error, none. */
  async append(bytes: Buffer): Promise<void> {
    await this.#rotateWhenDue(bytes.length);
    const handle = await this.#current();
    const before = await handle.stat();
    try {
      await writeAll(handle, bytes);
      if (this.#options.fsync === "always") await handle.datasync();
    } catch (error) {
      // A full disk takes part of the bytes: the torn line is cut off, all are written again later.
      if (before.isFile()) await handle.truncate(before.size);
      throw error;
    }
  }

  /** Lets go of the file; the next batch opens it by its name. */
  async reopen(): Promise<void> {
    await this.#handle?.close();
    this.#handle = null;
  }

  async close(): Promise<void> {
    await this.reopen();
    await this.#compressing;
  }

  /** The file that now has the name: logrotate, or somebody, may have moved ours away. */
  async #current(): Promise<FileHandle> {
    const { path, mode } = this.#options;
    if (this.#handle !== null) {
      const held = await this.#handle.stat();
      const named = await statOrNull(path);
      if (named !== null && named.ino === held.ino && named.dev === held.dev) return this.#handle;
      await this.reopen();
    }
    makeDirectories(dirname(path), 0o750);
    requireLog(path, await statOrNull(path));
    const { O_APPEND, O_CREAT, O_WRONLY, O_NOCTTY, O_NONBLOCK } = constants;
    const flags = O_APPEND | O_CREAT | O_WRONLY | O_NOCTTY | O_NONBLOCK;
    const handle = await open(path, flags, mode);
    const facts = await handle.stat();
    try {
      requireLog(path, facts);
    } catch (error) {
      await handle.close();
      throw error;
    }
    // The umask may have taken bits from `mode`; an older file may have had other ones.
    if (facts.isFile() && facts.uid === process.geteuid?.()) await handle.chmod(mode);
    this.#handle = handle;
    this.#openedAtMs = facts.size > 0 ? facts.birthtimeMs : this.#options.now();
    return handle;
  }

  async #rotateWhenDue(length: number): Promise<void> {
    const { path, rotation, now, mode } = this.#options;
    const { maxBytes, maxAgeSeconds, maxFiles } = rotation;
    if (maxBytes === 0 && maxAgeSeconds === 0) return;
    await this.#current();
    const present = await statOrNull(path);
    if (present === null || present.size === 0) return;
    const isTooLarge = maxBytes > 0 && present.size + length > maxBytes;
    const isTooOld = maxAgeSeconds > 0 && now() - this.#openedAtMs >= maxAgeSeconds * 1000;
    if (!isTooLarge && !isTooOld) return;
    await this.#compressing;
    await this.reopen();
    await rotateFiles(path, maxFiles);
    // Compression has time until the next rotation; what it could not do then is tried again.
    this.#compressing = compressRotated(path, mode).catch(() => {});
  }
}

/** A pipe or terminal could make the writer wait, and a part of a line could be all that it takes. A
 * device such as /dev/null takes whole lines at once. */
function requireLog(path: string, status: Stats | null): void {
  if (status === null || status.isFile() || status.isCharacterDevice()) return;
  // open(2) has an error of its own for it.
  if (status.isDirectory()) return;
  throw new Error(`${path} is ${kindOf(status)}, not a regular file`);
}

async function writeAll(handle: FileHandle, bytes: Buffer): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, written);
    written += bytesWritten;
  }
}

async function statOrNull(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return null;
    throw error;
  }
}
