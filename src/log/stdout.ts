import { setTimeout as delay } from "node:timers/promises";
import Type from "typebox";
import { type Addon, loadAddon } from "../native/addon.js";
import type { LogBatch } from "../schedule/result_sink.js";
import { defineLogger, type ResultLogger } from "./logger.js";
import { parseStatusLines, plainStatusLine } from "./status_line.js";

const stdoutFd = 1;
/** A pipe whose reader is slow is tried again after so long. */
const retryMs = 20;
/** A reader that took nothing for so long has stopped. */
const patienceMs = 2000;
const newline = 0x0a;

/** Writes lines to standard output, for containers and pipes. */
export const stdoutLogger = defineLogger({
  name: "stdout",
  description: "Writes lines to the daemon's standard output.",
  options: Type.Object({}),
  isLocal: true,
  open: async () => new StdoutLogger(loadAddon()),
});

/** Exported for its test. */
export class StdoutLogger implements ResultLogger {
  readonly #addon: Pick<Addon, "writeReady">;
  readonly #fd: number;
  /** The end of a line whose beginning was written before the reader stopped. */
  #tornEnd: Buffer = Buffer.alloc(0);
  #isClosed = false;

  constructor(addon: Pick<Addon, "writeReady">, fd = stdoutFd) {
    this.#addon = addon;
    this.#fd = fd;
  }

  async write(batch: LogBatch): Promise<void> {
    const lines =
      batch.kind === "status"
        ? Buffer.from(
            parseStatusLines(batch)
              .map((each) => `${plainStatusLine(each)}\n`)
              .join(""),
          )
        : batch.lines;
    await this.#writeAll(Buffer.concat([this.#tornEnd, lines]));
  }

  /** Neither process.stdout nor fs.write would do: both wait for a reader that has stopped, the
   * first with everything else in the process, the second with the process's end. */
  async #writeAll(bytes: Buffer): Promise<void> {
    let written = 0;
    let lastMs = performance.now();
    for (;;) {
      const count = this.#addon.writeReady(this.#fd, bytes.subarray(written));
      written += count;
      if (written === bytes.length) break;
      if (count > 0) lastMs = performance.now();
      if (this.#isClosed || performance.now() - lastMs > patienceMs) {
        if (written > 0) this.#tornEnd = tornEnd(bytes, written);
        throw new Error("the reader of standard output does not read");
      }
      await delay(retryMs);
    }
    this.#tornEnd = Buffer.alloc(0);
  }

  async reopen(): Promise<void> {}

  async close(): Promise<void> {
    this.#isClosed = true;
  }
}

/** What is missing of the line that `written` bytes end in; all is given again later. */
function tornEnd(bytes: Buffer, written: number): Buffer {
  if (bytes[written - 1] === newline) return Buffer.alloc(0);
  return Buffer.from(bytes.subarray(written, bytes.indexOf(newline, written) + 1));
}
