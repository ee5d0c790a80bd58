import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { eventually } from "../live/eventually.js";

/** Runs a test upon a process that holds still: `sleep 600.5` in /tmp with two variables. */
export async function withSleeper(use: (pid: number) => void): Promise<void> {
  const child = spawn("sleep", ["600.5"], {
    stdio: ["pipe", "ignore", "ignore"],
    cwd: "/tmp",
    env: { AUDITQL_TEST: "a=b", LANG: "C" },
  });
  await once(child, "spawn");
  try {
    assert.ok(child.pid !== undefined);
    const statPath = `/proc/${child.pid}/stat`;
    // While it is being loaded its memory grows from one look to the next.
    await eventually(
      async () => readFileSync(statPath, "utf8"),
      (stat) => / \(sleep\) S /.test(stat),
    );
    use(child.pid);
  } finally {
    child.kill();
  }
}
