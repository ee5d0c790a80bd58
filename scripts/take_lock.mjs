import { spawnSync } from "node:child_process";
import { mkdirSync, openSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = join(dirname(fileURLToPath(import.meta.url)), "..", "build", "locks");

/** Opened for this process alone; null where it cannot write, and so cannot build either. */
function openLock(name) {
  try {
    mkdirSync(folder, { recursive: true });
    return openSync(join(folder, name), "a");
  } catch (error) {
    if (["EACCES", "EPERM", "EROFS"].includes(error.code)) return null;
    throw error;
  }
}

/**
 * Waits until no other process has the lock `name` of this checkout, and keeps it until this
 * process ends, in whatever way: flock(2) locks belong to an open file, which the child that takes
 * it shares with us. Returns the descriptor for children that must keep the lock when this process
 * is killed before them; null without a lock.
 */
export function takeLock(name, whileWaiting) {
  const fd = openLock(name);
  if (fd === null) return null;
  const flock = (...args) =>
    spawnSync("flock", [...args, "3"], { stdio: ["ignore", "ignore", 2, fd] });
  const tried = flock("--nonblock");
  if (tried.error?.code === "ENOENT") return null; // No util-linux, nor busybox: two at once are not told apart.
  if (tried.status === 0) return fd;
  process.stderr.write(`auditql: ${whileWaiting}\n`);
  const waited = flock();
  if (waited.status !== 0) process.exit(1);
  return fd;
}
