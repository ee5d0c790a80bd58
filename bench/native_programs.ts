import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";

const folder = join("build", "bench");

/** Compiles bench/Makefile's programs; throws when that fails. */
export function buildPrograms(): void {
  process.stderr.write("auditql: building the bench programs ...\n");
  for (const target of ["library", "all"]) {
    const done = spawnSync("make", ["-s", "-j2", "-C", "bench", target], {
      stdio: ["ignore", 2, 2],
    });
    if (done.status !== 0) throw new Error("the bench programs could not be built");
  }
}

export function programPath(name: string): string | null {
  const path = join(folder, name);
  return existsSync(path) ? path : null;
}

/** Runs a program of ours and gives the JSON objects that it prints, one a line. */
export async function runProgram(
  name: string,
  args: readonly string[],
): Promise<readonly Record<string, unknown>[]> {
  const path = programPath(name);
  if (path === null) throw new Error(`${name} was not built`);
  const child = spawn(path, args, { stdio: ["ignore", "pipe", "inherit"] });
  const parts: Buffer[] = [];
  child.stdout.on("data", (part: Buffer) => parts.push(part));
  const [status] = await once(child, "close");
  if (status !== 0) throw new Error(`${name} ended with ${String(status)}`);
  return Buffer.concat(parts).toString().trimEnd().split("\n").map(parseObject);
}

function parseObject(line: string): Record<string, unknown> {
  const parsed: Record<string, unknown> = JSON.parse(line);
  return parsed;
}

/** A number that a program of ours printed. */
export function numberOf(object: Readonly<Record<string, unknown>>, key: string): number {
  const value = object[key];
  if (typeof value !== "number") throw new Error(`no number ${key} in ${JSON.stringify(object)}`);
  return value;
}

/** Seconds that a command takes that reads a file or nothing; its output is thrown away. */
export async function secondsOfCommand(
  command: readonly string[],
  stdin: number | "ignore" = "ignore",
): Promise<number> {
  const [file = "", ...args] = command;
  const start = performance.now();
  const child = spawn(file, args, { stdio: [stdin, "ignore", "ignore"] });
  await once(child, "exit");
  return (performance.now() - start) / 1000;
}

export function isInstalled(command: string): boolean {
  return spawnSync("which", [command], { stdio: "ignore" }).status === 0;
}
