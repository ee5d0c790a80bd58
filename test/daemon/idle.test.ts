import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { DaemonHome, DaemonProcess } from "../live/daemon_process.js";

/** Of each thread by its name, how often it was woken so far (proc(5)). */
function wakeUps(pid: number): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const status = readFileSync(`/proc/${pid}/task/${task}/status`, "utf8");
    const name = /^Name:\t(.*)$/m.exec(status)?.[1] ?? "";
    const count = Number(/^voluntary_ctxt_switches:\t(\d+)$/m.exec(status)?.[1]);
    counts.set(name, (counts.get(name) ?? 0) + count);
  }
  return counts;
}

/** How often all threads were woken, and in words how often each. */
function wokenSince(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>) {
  const woken = [...after].map(([name, count]) => [name, count - (before.get(name) ?? 0)] as const);
  const text = woken
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");
  return { total: woken.reduce((sum, [, count]) => sum + count, 0), text };
}

/** A worker that was started ahead, and the first looks at everything, are over by then. */
const settleMs = 15_000;
const watchMs = 20_000;
/** V8 collects the garbage of the start once, some time after the last work: that window is not idle. */
const windows = 3;
const most = 40;

test("a daemon without events wakes twice a second at most, over all threads", async (context) => {
  const home = new DaemonHome();
  context.after(() => home.remove());
  const daemon = await DaemonProcess.start(home, {
    config: {
      options: { enable_file_events: true },
      auditql: { state_path: home.statePath, http: { port: 0 }, capture: { backend: "none" } },
      schedule: {},
      file_paths: { quiet: ["/usr/lib/%"] },
    },
  });
  context.after(() => daemon.kill());
  await sleep(settleMs);
  let quietest = { total: Number.POSITIVE_INFINITY, text: "" };
  for (let round = 0; round < windows && quietest.total > most; round++) {
    const before = wakeUps(daemon.pid);
    await sleep(watchMs);
    const woken = wokenSince(before, wakeUps(daemon.pid));
    context.diagnostic(`${woken.total} in ${watchMs / 1000} s: ${woken.text}`);
    if (woken.total < quietest.total) quietest = woken;
  }
  assert.ok(quietest.total <= most, quietest.text);
});
