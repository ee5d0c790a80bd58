import { open } from "node:fs/promises";
import type { TextSink } from "../client/text_sink.js";
import { AuditqlError } from "../errors.js";
import { fileReason } from "../util/file_reason.js";

export interface FileSink extends TextSink {
  readonly path: string;
  close(): Promise<void>;
}

/** Replaces a file with text. Rows may be secrets: only its user can read a new file. */
export async function openFileSink(path: string): Promise<FileSink> {
  const failed = (cause: unknown) =>
    new AuditqlError("file_unwritable", `${path}: ${fileReason(cause)}`, { cause });
  const file = await open(path, "w", 0o600).catch((cause: unknown) => {
    throw failed(cause);
  });
  return {
    path,
    async write(text) {
      if (text.length === 0) return;
      await file.appendFile(text).catch((cause: unknown) => {
        throw failed(cause);
      });
    },
    async close() {
      await file.close().catch((cause: unknown) => {
        throw failed(cause);
      });
    },
  };
}
