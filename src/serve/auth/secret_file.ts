import { FileTooLarge, readUserFile } from "../../config/user_file.js";
import { AuditqlError } from "../../errors.js";
import { fileReason } from "../../util/file_reason.js";

export interface SecretFileOptions {
  /** A longer file is read as empty: whatever it is, it is none of ours. */
  readonly maxBytes: number;
  /** What to do about a file that is refused. */
  readonly remedy: string;
}

/** Reads a file of secrets; refuses one that others could have read or replaced. */
export function readSecretFile(path: string, { maxBytes, remedy }: SecretFileOptions): string {
  try {
    return readUserFile(path, {
      maxBytes,
      isLinkRefused: true,
      check(status) {
        const isOurs = status.uid === process.geteuid?.() || process.geteuid?.() === 0;
        if (status.isFile() && isOurs && (status.mode & 0o077) === 0) return;
        throw new AuditqlError(
          "token_file_insecure",
          `${path} must be a regular file owned by this user, with mode 0600. ${remedy}`,
        );
      },
    }).toString();
  } catch (cause) {
    if (cause instanceof FileTooLarge) return "";
    throw cause instanceof AuditqlError ? cause : secretFileFailed(path, cause);
  }
}

export function secretFileFailed(path: string, cause: unknown): AuditqlError {
  return new AuditqlError("token_file_failed", `${path}: ${fileReason(cause)}.`, { cause });
}
