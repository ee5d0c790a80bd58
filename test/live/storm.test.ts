import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { readAuditState } from "./audit_state.js";
import type { Answer } from "./daemon_process.js";
import { eventually } from "./eventually.js";
import { hostPerTest, skipReason } from "./live_host.js";
import { isCertain, kernelLost } from "./tested_backend.js";
import { runConnects, runProcesses } from "./workload.js";

const skip = skipReason("live capture");

/** User and system CPU seconds of a process so far (proc_pid_stat(5), fields 14 and 15). */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function residentMiB(pid: number): number {
  const pages = Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]);
  return (pages * 4096) / 2 ** 20;
}

/** How often each `<tag>-<n>-end` occurs, for n below `count`. */
function occurrences(texts: readonly string[], tag: string, count: number): readonly number[] {
  const counts = Array.from({ length: count }, () => 0);
  const pattern = new RegExp(`^/bin/true ${tag}-(\\d+)-end$`);
  for (const text of texts) {
    const n = Number(pattern.exec(text)?.[1] ?? -1);
    if (n >= 0) counts[n] = (counts[n] ?? 0) + 1;
  }
  return counts;
}

describe("a storm of short processes", { skip }, () => {
  const host = hostPerTest();

  test("5,000 processes and 500 connects are each found exactly once, in the tables and in the log", async () => {
    const daemon = await host.start();
    const lost = await kernelLost(daemon);
    const cpu = cpuSeconds(daemon.pid);
    await runProcesses("storm", 5000);
    const addresses = await runConnects(77, 500);
    const stored = "select count(*) from process_events where cmdline like '/bin/true storm-%'";
    await daemon.numberOnce(stored, 5000);
    await daemon.caughtUp();
    console.log(
      `# 5,000 processes and 500 connects: ${(cpuSeconds(daemon.pid) - cpu).toFixed(
        2,
      )} CPU s of the daemon, ${residentMiB(daemon.pid).toFixed(0)} MiB resident`,
    );

    const rows = await daemon.query(
      "select cmdline from process_events where cmdline like '/bin/true storm-%'",
    );
    const once = Array.from({ length: 5000 }, () => 1);
    assert.deepEqual(
      occurrences(
        rows.map((row) => String(row["cmdline"])),
        "storm",
        5000,
      ),
      once,
    );
    const connects = await daemon.query(
      "select remote_address, count(*) as n from socket_events where action = 'connect' and remote_address like '127.77.%' group by 1",
    );
    assert.deepEqual(
      connects.map((row) => `${row["remote_address"]} ${row["n"]}`).sort(),
      addresses.map((address) => `${address} 1`).sort(),
    );

    await eventually(
      async () => host.home.results().length,
      (lines) => lines >= 5500,
    );
    await daemon.caughtUp();
    const logged = host.home.results().map((line) => line["columns"] as Record<string, string>);
    assert.deepEqual(
      occurrences(
        logged.map((columns) => columns["cmdline"] ?? ""),
        "storm",
        5000,
      ),
      once,
    );
    const loggedConnects = logged
      .map((columns) => columns["remote_address"] ?? "")
      .filter((address) => address.startsWith("127.77."));
    assert.deepEqual(loggedConnects.sort(), [...addresses].sort());
    assert.equal(await kernelLost(daemon), lost, "the kernel lost records");
    const dropped = await daemon.query(
      `select * from auditql_health where metric = 'dropped' and value > 0 and ${isCertain}`,
    );
    assert.deepEqual(dropped, []);

    assert.equal(await daemon.stop(), 0);
    assert.deepEqual(readAuditState(), host.found);
  });
});

describe("a daemon that is killed or held up", { skip }, () => {
  const host = hostPerTest();

  test("kill -9 in the middle of it loses nothing that was stored, and auditing is put back", async () => {
    const daemon = await host.start();
    const storm = runProcesses("killed", 3000);
    await daemon.numberOnce(
      "select count(*) from process_events where cmdline like '/bin/true killed-%'",
      500,
    );
    const [last] = await daemon.query("select max(eid) as eid, count(*) as n from process_events");
    const seen = Number(last?.["eid"]);
    await daemon.kill();
    await storm;

    const next = await host.start();
    const kept = await next.number(
      `select count(*) from process_events where eid <= ${String(seen)}`,
    );
    assert.ok(kept >= Number(last?.["n"]), `${kept} rows of ${last?.["n"]} are left`);
    assert.ok((await next.number("select max(eid) from process_events")) > seen);
    const doubled = await next.query(
      "select eid, count(*) as n from process_events group by eid having n > 1",
    );
    assert.deepEqual(doubled, []);
    const ours = readAuditState()
      .rules.split("\n")
      .filter((rule) => rule.includes("auditql"));
    assert.equal(new Set(ours).size, ours.length, "audit rules are doubled");

    assert.equal(await next.stop(), 0);
    assert.deepEqual(readAuditState(), host.found);
  });

  test("a main thread that is blocked for 10 s loses nothing", async () => {
    const daemon = await host.start({
      nodeArguments: ["--import", "./dist/test/live/block_main_thread.js"],
    });
    const lost = await kernelLost(daemon);
    daemon.signal("SIGUSR2");
    await runProcesses("blocked", 2000);
    await daemon.numberOnce(
      "select count(*) from process_events where cmdline like '/bin/true blocked-%'",
      2000,
    );
    await daemon.caughtUp();
    const rows = await daemon.query(
      "select cmdline from process_events where cmdline like '/bin/true blocked-%'",
    );
    assert.deepEqual(
      occurrences(
        rows.map((row) => String(row["cmdline"])),
        "blocked",
        2000,
      ),
      Array.from({ length: 2000 }, () => 1),
    );
    assert.equal(await kernelLost(daemon), lost, "the kernel lost records");
  });
});

describe("a daemon that is asked too much", { skip }, () => {
  const host = hostPerTest();

  test("a query that never ends is stopped at its limit while others are answered", async () => {
    const daemon = await host.start();
    const endless = daemon.send("POST", "/v1/query", {
      sql: "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n",
      limits: { timeoutMs: 3000 },
    });
    const waits: number[] = [];
    let ended = false;
    endless.then(() => {
      ended = true;
    });
    while (!ended) {
      const healthy: Answer = await daemon.get("/healthz");
      assert.equal(healthy.status, 200);
      waits.push(healthy.elapsedMs);
      assert.equal(await daemon.number("select 41 + 1"), 42);
      await sleep(50);
    }
    const answer = await endless;
    assert.match(answer.body, /query_timeout/);
    waits.sort((a, b) => a - b);
    console.log(
      `# /healthz beside an endless query: median ${waits[Math.floor(waits.length / 2)]?.toFixed(
        1,
      )} ms, slowest ${waits.at(-1)?.toFixed(1)} ms of ${waits.length}`,
    );
  });

  test("a second daemon on the same state directory says so and touches nothing", async () => {
    const daemon = await host.start();
    const rules = readAuditState().rules;
    const second = host.launch();
    assert.equal(await second.ended(), 75);
    assert.match(second.stderr, /store_locked/);
    assert.equal(readAuditState().rules, rules);
    assert.equal(await daemon.number("select 1"), 1);
  });
});
