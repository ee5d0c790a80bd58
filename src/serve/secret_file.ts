import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { fileReason } from "../config/file_reason.js";
import { AuditqlError } from "../errors.js";

export interface SecretFileOptions {
  /** A longer file is read as empty: whatever it is, it is none of ours. */
  readonly maxBytes: number;
  /** What to do about a file that is refused. */
  readonly remedy: string;
}

/** Reads a file of secrets; refuses one that others could have read or replaced. */
export function readSecretFile(path: string, options: SecretFileOptions): string {
  const fd = openForReading(path);
  try {
    const status = fstatSync(fd);
    const isOurs = status.uid === process.geteuid?.() || process.geteuid?.() === 0;
    if (!status.isFile() || !isOurs || (status.mode & 0o077) !== 0) {
      throw new AuditqlError(
        "token_file_insecure",
        `${path} must be a regular file of this user with mode 0600. ${options.remedy}`,
      );
    }
    return status.size <= options.maxBytes ? readFileSync(fd, "utf8") : "";
  } finally {
    closeSync(fd);
  }
}

export function secretFileFailed(path: string, cause: unknown): AuditqlError {
  return new AuditqlError("token_file_failed", `${path}: ${fileReason(cause)}.`, { cause });
}

function openForReading(path: string): number {
  try {
    // Neither a link nor the other end of a pipe is followed.
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    throw secretFileFailed(path, cause);
  }
}
