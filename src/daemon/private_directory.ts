import { mkdirSync } from "node:fs";
import { AuditqlError, messageOf } from "../errors.js";

/** Makes a directory, and those above it, for its owner only; one that is there stays as it is. */
export function makePrivateDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const reason = messageOf(cause);
    throw new AuditqlError("state_directory_failed", `${path} cannot be made: ${reason}`, {
      cause,
    });
  }
}
