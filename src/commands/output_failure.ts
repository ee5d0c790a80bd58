import type { Writable } from "node:stream";
import { OutputClosed } from "../client/text_sink.js";
import { AuditqlError } from "../errors.js";
import { fileReason } from "../util/file_reason.js";

/** Told of the first thing that went wrong with an output; without a listener it ends the process. */
export function watchOutput(stream: Writable): () => Promise<void> {
  let failure: NodeJS.ErrnoException | null = null;
  stream.on("error", (error: NodeJS.ErrnoException) => {
    failure ??= error;
  });
  /** Throws what went wrong, once what was written so far has been tried. */
  return async () => {
    await new Promise((resolve) => setImmediate(resolve));
    if (failure === null) return;
    throw failure.code === "EPIPE" ? new OutputClosed(failure.message) : outputFailed(failure);
  };
}

function outputFailed(cause: Error): AuditqlError {
  const reason = `Cannot write standard output: ${fileReason(cause)}. The output is incomplete.`;
  return new AuditqlError("file_unwritable", reason, { cause });
}
