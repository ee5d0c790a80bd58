import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { CProgram } from "./c_program.js";
import type { DaemonProcess } from "./daemon_process.js";

export type Row = Readonly<Record<string, unknown>>;

/** Rows of a query: as many as asked for, and what comes behind. */
export async function settledRows(
  daemon: DaemonProcess,
  sql: string,
  wanted: number,
): Promise<readonly Row[]> {
  await daemon.rowsOnce(sql, wanted);
  await daemon.caughtUp();
  return daemon.query(sql);
}

/** Runs a program until `look` is done with its first line; it waits for the end of its input. */
export async function whileRunning(
  { path }: CProgram,
  args: readonly string[],
  look: (words: readonly string[]) => Promise<void>,
): Promise<void> {
  const child: ChildProcess = spawn(path, args, { stdio: ["pipe", "pipe", "inherit"] });
  try {
    assert.ok(child.stdout !== null);
    const [line] = await once(child.stdout, "data");
    await look(String(line).trim().split(" "));
  } finally {
    const ended = once(child, "exit");
    child.stdin?.end();
    await ended;
  }
}
