import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { hostPerTest, skipReason } from "./live_host.js";
import { testedBackend } from "./tested_backend.js";

const skip = skipReason("capture beside CPU hogs, live");

const connects = 10_000;
const perSecond = 1000;
const hogs = 4;
/** Of the connects, in percent; what is lost is counted in any case. */
const mostLost = 10;
/** Nothing listens on discard (RFC 863) here. */
const port = 9;

/** Nice value of each thread of a process, by its name (proc(5), field 19). */
function niceValues(pid: number): ReadonlyMap<string, number> {
  return new Map(
    readdirSync(`/proc/${pid}/task`).map((task) => {
      const stat = readFileSync(`/proc/${pid}/task/${task}/stat`, "latin1");
      const end = stat.lastIndexOf(")");
      const fields = stat.slice(end + 2).split(" ");
      return [stat.slice(stat.indexOf("(") + 1, end), Number(fields[16])];
    }),
  );
}

async function refusedConnect(): Promise<void> {
  const socket = connect({ host: "127.0.0.1", port });
  await new Promise((resolve) => socket.once("close", resolve).on("error", () => {}));
}

describe("a daemon of the lowest priority beside CPU hogs", { skip }, () => {
  const host = hostPerTest();
  test("reads with a priority of its own, loses little, and counts what it loses", async (context) => {
    const busy: ChildProcess[] = [];
    context.after(() => {
      for (const hog of busy) hog.kill("SIGKILL");
    });
    const daemon = await host.start({ launcher: ["nice", "-n", "19"] });
    const nice = niceValues(daemon.pid);
    const readers = testedBackend === "ebpf" ? ["aq-ebpf"] : ["aq-audit", "aq-proc-events"];
    for (const reader of readers) assert.equal(nice.get(reader), -4, reader);
    for (let i = 0; i < hogs; i++) busy.push(spawn("sh", ["-c", "while :; do :; done"]));
    const begun = performance.now();
    for (let made = 0; made < connects; made += 50) {
      await Promise.all(Array.from({ length: 50 }, refusedConnect));
      const aheadMs = begun + (made / perSecond) * 1000 - performance.now();
      if (aheadMs > 0) await sleep(aheadMs);
    }
    for (const hog of busy) hog.kill("SIGKILL");
    await daemon.caughtUp();
    const stored = await daemon.number(
      `select count(*) from socket_events where action = 'connect' and remote_port = ${port} and pid = ${process.pid}`,
    );
    const lost = await daemon.number(
      "select coalesce(sum(value), 0) from auditql_health where metric = 'dropped' and stage in ('capture', 'decode')",
    );
    context.diagnostic(`${stored} of ${connects} connects stored, ${lost} records lost`);
    assert.ok(stored >= connects * (1 - mostLost / 100), `${stored} stored, ${lost} lost`);
    if (stored < connects) assert.ok(lost > 0, "what was lost is counted nowhere");
  });
});
