import { once } from "node:events";
import type { Writable } from "node:stream";

/** Thrown when the reader of the output has gone, as `head` does: not an error to report. */
export class OutputClosed extends Error {
  override readonly name = "OutputClosed";
}

/** Writes text no faster than it is taken. */
export interface TextSink {
  write(text: string): Promise<void>;
}

export function createTextSink(stream: Writable): TextSink {
  let failure: Error | null = null;
  stream.on("error", (error: NodeJS.ErrnoException) => {
    failure = error.code === "EPIPE" ? new OutputClosed(error.message) : error;
  });
  return {
    async write(text) {
      if (failure !== null) throw failure;
      if (text === "" || stream.write(text)) return;
      // On an error "drain" never comes, but "close" does.
      await Promise.race([once(stream, "drain"), once(stream, "close")]).catch(() => {});
      if (failure !== null) throw failure;
    },
  };
}
