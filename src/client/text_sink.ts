import { once } from "node:events";
import type { Writable } from "node:stream";

/** Thrown when the reader of the output has gone, as `head` does: not an error to report. */
export class OutputClosed extends Error {
  override readonly name = "OutputClosed";
}

/** Writes text, or the bytes of text, no faster than it is taken. */
export interface TextSink {
  write(text: string | Uint8Array): Promise<void>;
}

export function createTextSink(stream: Writable): TextSink {
  let failure: Error | null = null;
  stream.on("error", (error: NodeJS.ErrnoException) => {
    failure = error.code === "EPIPE" ? new OutputClosed(error.message) : error;
  });
  return {
    async write(text) {
      if (failure !== null) throw failure;
      if (text.length === 0 || stream.write(text)) return;
      // On an error "drain" never comes, but "close" does. The one that does not come is let go, or
      // each wait would leave a listener.
      const waiting = new AbortController();
      const { signal } = waiting;
      const events = [once(stream, "drain", { signal }), once(stream, "close", { signal })];
      await Promise.race(events).catch(() => {});
      waiting.abort();
      if (failure !== null) throw failure;
    },
  };
}
