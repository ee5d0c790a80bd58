import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { constants, setPriority } from "node:os";
import { dirname, join } from "node:path";

/** CPU seconds, user and system, of all children of this process that have ended, and of theirs. */
function childrenCpuSeconds() {
  // Fields 16 and 17 of /proc/PID/stat, behind the name in brackets; ticks of 10 ms.
  const stat = readFileSync("/proc/self/stat", "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

let attributed = childrenCpuSeconds();
/** CPU seconds of the child that has just ended: those of all, without those that ended before. */
function lastChildCpuSeconds() {
  const before = attributed;
  attributed = childrenCpuSeconds();
  return attributed - before;
}

/** CPU seconds of this process and of its children that have ended. */
export function cpuSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6 + childrenCpuSeconds();
}

export const say = (text) => process.stderr.write(`auditql: ${text}\n`);
export const seconds = (value) => `${value.toFixed(1)} s`;

/** A step that failed: what failed, and what may be missing. */
export class StepError extends Error {
  constructor(message, remedy) {
    super(message);
    this.remedy = remedy;
  }
}

/** Runs a step in parallel with others and prints how long it took. What it prints comes whole at its end, of a
 * step that is `isQuiet` only when it failed. One that `yields` leaves the CPUs to others that do not.
 * `lock`: the descriptor of takeLock(), which the step then holds until it ends. Rejects with a
 * StepError. */
export async function runStep(title, step) {
  const { command, args, cwd, env, remedy, isQuiet = false, yields = false, lock = null } = step;
  const started = performance.now();
  say(`${title} ...`);
  const child = spawn(command, args, {
    cwd,
    stdio: ["ignore", "pipe", "pipe", ...(lock === null ? [] : [lock])],
    env: { ...process.env, ...env },
  });
  if (yields && child.pid !== undefined)
    setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  const parts = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (part) => {
      parts.push(part);
    });
  let cpu = 0;
  const failure = await new Promise((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("exit", () => {
      cpu = lastChildCpuSeconds();
    });
    child.on("close", (status) => resolve(status === 0 ? null : `${command} exited ${status}`));
  });
  if (failure !== null || !isQuiet) process.stderr.write(Buffer.concat(parts));
  if (failure !== null) throw new StepError(`${title} failed: ${failure}`, remedy);
  const wall = (performance.now() - started) / 1000;
  say(`${title} done in ${seconds(wall)}, ${seconds(cpu)} of CPU`);
}

/** A digest of the sizes and times of change of files, and of the files in folders whose names have
 * one of the endings. */
export function fingerprint(names, endings) {
  const hash = createHash("sha256");
  const add = (file, stat) => hash.update(`${file} ${stat.size} ${stat.mtimeMs}\n`);
  for (const name of names) {
    const stat = statSync(name, { throwIfNoEntry: false });
    if (stat === undefined) continue;
    if (!stat.isDirectory()) {
      add(name, stat);
      continue;
    }
    for (const entry of readdirSync(name, { recursive: true }).sort()) {
      if (!endings.some((ending) => entry.endsWith(ending))) continue;
      add(join(name, entry), statSync(join(name, entry)));
    }
  }
  return hash.digest("hex");
}

/** Whether something was built from what there is now: its stamp has the text that stands for it. */
export class Stamp {
  #file;
  #from;
  #built;

  /** `file`: the stamp. `from`: text that changes with everything that the build depends on.
   * `built`: a file that exists when all was built. */
  constructor({ file, from, built }) {
    this.#file = file;
    this.#from = from;
    this.#built = built;
  }

  isFresh() {
    return (
      existsSync(this.#built) &&
      existsSync(this.#file) &&
      readFileSync(this.#file, "utf8") === this.#from
    );
  }

  /** Notes what there was when this was made: what changed since is built again. */
  write() {
    mkdirSync(dirname(this.#file), { recursive: true });
    writeFileSync(this.#file, this.#from);
  }
}
