import { writeSync } from "node:fs";
import Type from "typebox";
import { errnoOf } from "../errors.js";
import { defineLogger } from "./logger.js";
import { parseStatusLines, plainStatusLine } from "./status_line.js";

const stdoutFd = 1;
/** A pipe whose reader is slow is tried again after so long. */
const retryMs = 20;

/** Writes lines to standard output, for containers and pipes. */
export const stdoutLogger = defineLogger({
  name: "stdout",
  description: "Standard output of the daemon.",
  options: Type.Object({}),
  isLocal: true,
  async open() {
    return {
      async write(batch) {
        if (batch.kind !== "status") return writeAll(batch.lines);
        const lines = parseStatusLines(batch).map((record) => `${plainStatusLine(record)}\n`);
        return writeAll(Buffer.from(lines.join("")));
      },
      async reopen() {},
      async close() {},
    };
  },
});

/** process.stdout would buffer without bound in memory; a full pipe is waited for instead. */
async function writeAll(bytes: Buffer): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(stdoutFd, bytes, written);
    } catch (error) {
      if (errnoOf(error) !== "EAGAIN") throw error;
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
  }
}
