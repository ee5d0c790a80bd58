import { AuditqlError } from "../errors.js";
import { fileReason } from "../util/file_reason.js";
import { makeDirectories } from "../util/make_directories.js";

/** Makes a directory, and those above it, for its owner only; one that is there stays as it is. */
export function makePrivateDirectory(path: string): void {
  try {
    makeDirectories(path, 0o700);
  } catch (cause) {
    throw new AuditqlError(
      "state_directory_failed",
      `Cannot create ${path}: ${fileReason(cause)}. Set another directory with --state_path or --logger_path.`,
      { cause },
    );
  }
}
