import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { DaemonHome, DaemonProcess } from "../live/daemon_process.js";
import { eventually } from "../live/eventually.js";

const home = new DaemonHome();
const watched = join(home.path, "watched");
const pipePath = join(home.path, "pipe");
let daemon: DaemonProcess;

async function until(sql: string, expected: number): Promise<void> {
  const found = await eventually(
    () => daemon.number(sql),
    (value) => value === expected,
  );
  assert.equal(found, expected, sql);
}

/** One write is one row or two: what comes of its end is told apart when it is read later. */
async function untilUpdated(category: string): Promise<void> {
  assert.ok((await daemon.numberOnce(updates(category), 1)) >= 1, category);
}

const updates = (category: string) =>
  `select count(*) from file_events where category = '${category}' and action = 'UPDATED' and hashed = 1`;

const logged = () => readFileSync(home.resultsPath, "utf8");

describe("a daemon that watches files and reads syslog", () => {
  before(async () => {
    for (const name of ["main", "pack", "query"])
      mkdirSync(join(watched, name), { recursive: true });
    daemon = await DaemonProcess.start(home, {
      config: {
        options: {
          logger_path: home.logPath,
          disable_watchdog: true,
          enable_file_events: true,
          enable_syslog: true,
          syslog_pipe_path: pipePath,
        },
        auditql: {
          state_path: home.statePath,
          http: { port: 0 },
          capture: { backend: "none" },
        },
        file_paths: { main: [`${watched}/main/%%`] },
        file_paths_query: { asked: [`select '${watched}/query/%' as path`] },
        exclude_paths: { main: [`${watched}/main/%.tmp`] },
        packs: { fim: { queries: {}, file_paths: { packed: [`${watched}/pack/%`] } } },
        schedule: {
          files: { query: "select action, target_path from file_events", interval: 1 },
        },
      },
    });
    await until(
      "select value from auditql_health where name = 'file_events' and metric = 'scans'",
      1,
    );
  });
  after(async () => {
    await daemon.kill();
    home.remove();
  });

  testRows();
  testReloads();
});

function testRows(): void {
  test("tells of files that the configuration, a pack or a query names, and logs them", async () => {
    writeFileSync(join(watched, "main", "left_out.tmp"), "x");
    for (const name of ["main", "pack", "query"]) writeFileSync(join(watched, name, "f"), name);
    for (const category of ["main", "packed", "asked"]) await untilUpdated(category);
    const [row] = await daemon.query(
      `select sha256 = (select sha256 from hash where path = target_path) as same
       from file_events where category = 'packed' and action = 'UPDATED' and hashed = 1
       order by eid desc limit 1`,
    );
    assert.equal(row?.["same"], 1);
    await until("select count(*) from file_events where target_path like '%.tmp'", 0);
    const isLogged = await eventually(
      async () => logged().includes(`${watched}/main/f`),
      (found) => found,
    );
    assert.ok(isLogged);
  });

  test("reads lines of rsyslog from the pipe, under both names of the table", async () => {
    assert.equal(statSync(pipePath).mode & 0o777, 0o460);
    const line = `"2026-11-21T10:00:00+00:00","host","3","auth","sshd[7]:"," Failed, ""again"""\n`;
    writeFileSync(pipePath, `${line}no line of rsyslog\n`);
    await until("select count(*) from syslog_events", 1);
    assert.deepEqual(await daemon.query("select severity, facility, tag, message from syslog"), [
      { severity: 3, facility: "auth", tag: "sshd[7]", message: 'Failed, "again"' },
    ]);
    await until(
      "select value from auditql_health where name = 'syslog_events' and reason = 'malformed'",
      1,
    );
    unlinkSync(pipePath);
    await until(
      "select value from auditql_health where name = 'syslog_events' and metric = 'pipe_reopened'",
      1,
    );
    writeFileSync(pipePath, line);
    await until("select count(*) from syslog_events", 2);
  });
}

function testReloads(): void {
  test("watches changed paths after a reload", async () => {
    const path = join(home.path, "auditql.conf");
    const config = JSON.parse(readFileSync(path, "utf8"));
    mkdirSync(join(watched, "later"));
    config.file_paths = { later: [`${watched}/later/%`] };
    writeFileSync(path, JSON.stringify(config));
    await until(
      "select value from auditql_health where name = 'file_events' and metric = 'scans'",
      2,
    );
    writeFileSync(join(watched, "later", "f"), "x");
    await untilUpdated("later");
    writeFileSync(join(watched, "main", "unwatched"), "x");
    rmSync(join(watched, "later", "f"));
    await until("select count(*) from file_events where action = 'DELETED'", 1);
    await until("select count(*) from file_events where target_path like '%/unwatched'", 0);
  });

  test("of reloads that overlap, because a query for paths is slow, the last one stays", async () => {
    const path = join(home.path, "auditql.conf");
    const { file_paths: _, ...config } = JSON.parse(readFileSync(path, "utf8"));
    const write = (sections: object) =>
      writeFileSync(path, JSON.stringify({ ...config, ...sections }));
    const inForce = () => daemon.stderr.split("configuration reloaded").length - 1;
    const before = inForce();
    for (const name of ["slow", "last"]) mkdirSync(join(watched, name));
    const slow = `select '${watched}/slow/%' as path from (select sleep(1))`;
    write({ file_paths_query: { slow: [slow] } });
    // Known, and so on its way, before the next one comes.
    await eventually(
      async () => (await daemon.get("/v1/config")).body,
      (text) => text.includes("sleep(1)"),
    );
    write({ file_paths: { last: [`${watched}/last/%`] }, file_paths_query: {} });
    assert.equal(
      await eventually(
        async () => inForce() - before,
        (count) => count === 2,
      ),
      2,
    );
    writeFileSync(join(watched, "slow", "f"), "x");
    writeFileSync(join(watched, "last", "f"), "x");
    await untilUpdated("last");
    await until("select count(*) from file_events where category = 'slow'", 0);
    const created =
      "select count(*) from file_events where category = 'last' and action = 'CREATED'";
    await until(created, 1);
  });
}
