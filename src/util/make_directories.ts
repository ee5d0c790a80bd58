import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Makes a directory, and those above it, with this mode; one that is there stays as it is. Node's
 * own way (`recursive`) takes ENOENT for a missing parent, and tries without end below one that
 * exists and takes no directories: /proc, a link that leads nowhere.
 */
export function makeDirectories(path: string, mode: number): void {
  if (isDirectory(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeDirectories(parent, mode);
  try {
    mkdirSync(path, { mode });
  } catch (cause) {
    // Another process may have been first.
    if (!isDirectory(path)) throw cause;
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
