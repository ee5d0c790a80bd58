import { fileReason } from "../config/file_reason.js";
import { makeDirectories } from "../config/make_directories.js";
import { AuditqlError } from "../errors.js";

/** Makes a directory, and those above it, for its owner only; one that is there stays as it is. */
export function makePrivateDirectory(path: string): void {
  try {
    makeDirectories(path, 0o700);
  } catch (cause) {
    throw new AuditqlError(
      "state_directory_failed",
      `${path} cannot be made: ${fileReason(cause)}. Configure another (--state_path, --logger_path).`,
      { cause },
    );
  }
}
