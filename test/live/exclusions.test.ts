import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { hostPerTest, skipReason } from "./live_host.js";
import { testedBackend } from "./tested_backend.js";

const skip = skipReason("live exclusions");
const isAudit = testedBackend === "audit";

describe("exclusions of a capturing daemon", { skip }, () => {
  const host = hostPerTest();

  function settings(more: Readonly<Record<string, unknown>>) {
    return { auditql: { state_path: host.home.statePath, http: { port: 0 }, log: {}, ...more } };
  }

  /** A copy of /bin/true that only the test runs. */
  function program(name: string): string {
    const path = join(host.home.path, "bin", name);
    mkdirSync(join(host.home.path, "bin"), { recursive: true });
    copyFileSync("/bin/true", path);
    return path;
  }

  test("the kernel keeps out what it can, the data plane the rest, and the others are stored", async () => {
    const byRule = program("by_rule");
    const byPrefix = program("prefix_x");
    const kept = program("kept");
    const exclude = [{ exe: byRule }, { exe_prefix: join(host.home.path, "bin/prefix_") }];
    const daemon = await host.start({ config: settings({ capture: { exclude } }) });
    const rules = execFileSync("auditctl", ["-l"], { encoding: "utf8" });
    if (isAudit) {
      const rule = `^-a never,exit -S all -F exe=${byRule} -F key=auditql$`;
      assert.match(rules, new RegExp(rule, "m"));
    } else {
      assert.doesNotMatch(rules, /auditql/);
    }
    for (const path of [byRule, byPrefix, kept, byRule, byPrefix, kept]) spawnSync(path);
    const stored = (path: string) =>
      `select count(*) from process_events where path = '${path}' and syscall = 'execve'`;
    assert.equal(await daemon.numberOnce(stored(kept), 2), 2);
    await daemon.caughtUp();
    assert.equal(await daemon.number(stored(kept)), 2);
    assert.equal(await daemon.number(stored(byRule)), 0);
    assert.equal(await daemon.number(stored(byPrefix)), 0);
    const counts = await daemon.query(
      "select name, metric, value from auditql_health where stage = 'capture' and metric in ('excluded', 'kernel_rules') and reason <> 'own'",
    );
    const count = (name: RegExp, metric: string) =>
      counts
        .filter((row) => name.test(String(row["name"])) && row["metric"] === metric)
        .reduce((sum, row) => sum + Number(row["value"]), 0);
    assert.equal(count(/^exe=/, "kernel_rules"), isAudit ? 1 : 0);
    assert.equal(count(/^exe_prefix=/, "kernel_rules"), 0);
    // An execve and an exit of each run reach the data plane.
    assert.equal(count(/^exe_prefix=/, "excluded"), 4);
    // Of what the kernel keeps out only the process connector tells, and only the ends reach the
    // filter: with the program, where /proc could be read before the process was gone.
    assert.equal(count(/^(exe=|hidden_execs$)/, "excluded"), isAudit ? 2 : 0);
    // Programs in the kernel leave out both, and count them.
    if (!isAudit) assert.equal(count(/^ebpf$/, "excluded"), 4);
  });

  test("the daemon's own query workers make no rows", async () => {
    const daemon = await host.start({
      config: settings({ workers: { adhoc: 2, idle_seconds: 1 } }),
    });
    for (let run = 0; run < 3; run++) {
      await daemon.number("select count(*) from process_events");
      await sleep(1500);
    }
    const own = `parent = ${daemon.pid} and path = '${process.execPath}'`;
    assert.equal(await daemon.number(`select count(*) from process_events where ${own}`), 0);
    assert.equal(await daemon.number(`select count(*) from socket_events where ${own}`), 0);
    const excluded = await daemon.numberOnce(
      "select value from auditql_health where name = 'own_workers' and metric = 'excluded'",
      1,
    );
    assert.ok(excluded > 0, "the workers' calls were seen and left out");
  });
});
