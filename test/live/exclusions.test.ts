import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type AuditState,
  readAuditState,
  restoreAuditState,
  whyNoLiveAudit,
} from "./audit_state.js";
import { DaemonHome, DaemonProcess } from "./daemon_process.js";

const why = whyNoLiveAudit();
if (why !== null) console.log(`skipped: live exclusions (${why})`);

describe("exclusions of a capturing daemon", { skip: why ?? false }, () => {
  let home: DaemonHome;
  let before: AuditState;
  let daemon: DaemonProcess | null = null;

  beforeEach(() => {
    before = readAuditState();
    home = new DaemonHome();
  });
  afterEach(async () => {
    await daemon?.kill();
    daemon = null;
    restoreAuditState(before);
    home.remove();
  });

  function settings(more: Readonly<Record<string, unknown>>) {
    return { auditql: { state_path: home.statePath, http: { port: 0 }, log: {}, ...more } };
  }

  /** A copy of /bin/true that only the test runs. */
  function program(name: string): string {
    const path = join(home.path, "bin", name);
    mkdirSync(join(home.path, "bin"), { recursive: true });
    copyFileSync("/bin/true", path);
    return path;
  }

  test("the kernel keeps out what it can, the data plane the rest, and the others are stored", async () => {
    const byRule = program("by_rule");
    const byPrefix = program("prefix_x");
    const kept = program("kept");
    const exclude = [{ exe: byRule }, { exe_prefix: join(home.path, "bin/prefix_") }];
    daemon = await DaemonProcess.start(home, { config: settings({ capture: { exclude } }) });
    assert.match(
      execFileSync("auditctl", ["-l"], { encoding: "utf8" }),
      new RegExp(`^-a never,exit -S all -F exe=${byRule} -F key=auditql$`, "m"),
    );
    for (const path of [byRule, byPrefix, kept, byRule, byPrefix, kept]) spawnSync(path);
    const stored = (path: string) =>
      `select count(*) from process_events where path = '${path}' and syscall = 'execve'`;
    for (let tries = 0; tries < 100 && (await daemon.number(stored(kept))) < 2; tries++) {
      await sleep(100);
    }
    assert.equal(await daemon.number(stored(kept)), 2);
    assert.equal(await daemon.number(stored(byRule)), 0);
    assert.equal(await daemon.number(stored(byPrefix)), 0);
    const counts = await daemon.query(
      "select name, metric, value from auditql_health where stage = 'capture' and metric in ('excluded', 'kernel_rules') and name like 'exe%' order by name, metric",
    );
    // An execve and an exit of each run reach the data plane; of the other nothing does.
    assert.deepEqual(
      counts.map(({ name, metric, value }) => [String(name).split("=")[0], metric, Number(value)]),
      [
        ["exe", "excluded", 0],
        ["exe", "kernel_rules", 1],
        ["exe_prefix", "excluded", 4],
        ["exe_prefix", "kernel_rules", 0],
      ],
    );
  });

  test("the daemon's own query workers make no rows", async () => {
    daemon = await DaemonProcess.start(home, {
      config: settings({ workers: { adhoc: 2, idle_seconds: 1 } }),
    });
    for (let run = 0; run < 3; run++) {
      await daemon.number("select count(*) from process_events");
      await sleep(1500);
    }
    const own = `parent = ${daemon.pid} and path = '${process.execPath}'`;
    assert.equal(await daemon.number(`select count(*) from process_events where ${own}`), 0);
    assert.equal(await daemon.number(`select count(*) from socket_events where ${own}`), 0);
    const excluded = await daemon.number(
      "select value from auditql_health where name = 'own_workers' and metric = 'excluded'",
    );
    assert.ok(excluded > 0, "the workers' calls were seen and left out");
  });
});
