import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { DaemonProcess } from "./daemon_process.js";
import { eventually } from "./eventually.js";
import { hostPerTest, type LiveHost, skipReason } from "./live_host.js";
import { whyNotAudit } from "./tested_backend.js";

const skip = skipReason(
  "files, syslog and devices, live",
  whyNotAudit("file calls come from it; devices, syslog and YARA need no capture"),
);

/** A device that every kernel with loop devices has. */
const loopEvent = "/sys/block/loop0/uevent";
const rsyslogd = "/usr/sbin/rsyslogd";
const yaraLibraries = ["/usr/lib/x86_64-linux-gnu/libyara.so.9", "/lib64/libyara.so.9"];

const python = (code: string) => spawnSync("python3", ["-c", code], { stdio: "ignore" }).pid;

const watched = (host: LiveHost) => join(host.home.path, "watched");

function options(host: LiveHost, flags: object, sections: object = {}) {
  return {
    config: {
      options: { logger_path: host.home.logPath, disable_watchdog: true, ...flags },
      auditql: { state_path: host.home.statePath, http: { port: 0 }, log: {} },
      ...sections,
    },
  };
}

const loadedRules = () => execFileSync("auditctl", ["-l"], { encoding: "utf8" });

/** Rows of one process, without the folder, ! behind those that are partial. */
async function told(host: LiveHost, pid: number): Promise<readonly string[]> {
  await host.daemon.caughtUp();
  const rows = await host.daemon.query(
    `select operation || ' ' || replace(path, '${host.home.path}/', '') ||
       case when dest_path = '' then '' else ' > ' || replace(dest_path, '${host.home.path}/', '') end ||
       iif(partial = 'false', '', '!') as told
     from process_file_events where pid = ${pid} order by eid`,
  );
  return rows.map((row) => String(row["told"]));
}
const counter = (daemon: DaemonProcess, metric: string) =>
  daemon.number(
    `select value from auditql_health where name = 'process_file_events' and metric = '${metric}'`,
  );

describe("event sources besides processes and sockets", { skip }, () => {
  const host = hostPerTest();
  test("process_file_events tell who did what to which file, with the process", async () => {
    mkdirSync(join(watched(host), "deep"), { recursive: true });
    const flags = { audit_allow_fim_events: true };
    const paths = { file_paths: { tree: [`${watched(host)}/%%`] } };
    const daemon = await host.start(options(host, flags, paths));
    const pid = python(`
import os
os.chdir("${watched(host)}")
open("f", "w").close()
os.chmod("f", 0o600)
os.link("f", "deep/g")
folder = os.open("deep", os.O_RDONLY)
os.rename("g", "h", src_dir_fd=folder, dst_dir_fd=folder)
with open("f", "a") as f: os.fchmod(f.fileno(), 0o640)
open("f").read()
os.unlink("f")
open("/tmp/auditql-not-watched", "w").close()
os.unlink("/tmp/auditql-not-watched")
import time
time.sleep(3)`);
    await daemon.caughtUp();
    const rows = await daemon.query(
      `select operation, replace(path, '${watched(host)}', '') as path, replace(dest_path, '${watched(host)}', '') as dest_path, uid, category
       from process_file_events where pid = ${pid} and partial = 'false' order by eid`,
    );
    const told = rows.map((row) => `${row["operation"]} ${row["path"]} ${row["dest_path"]}`.trim());
    const sure = ["create /f", "chmod /f", "link /f /deep/g", "write /f", "unlink /f"];
    assert.deepEqual(
      told.filter((each) => sure.includes(each) && each !== "chmod /f"),
      sure.filter((each) => each !== "chmod /f"),
      JSON.stringify(told),
    );
    assert.ok(told.includes("chmod /f"));
    assert.ok(rows.every((row) => row["uid"] === "0" && row["category"] === "tree"));
    const joined = await daemon.query(
      `select distinct f.eid, p.process_uuid is not null as joined
       from process_file_events f left join process_events p
       on p.process_uuid = f.process_uuid and p.pid = f.pid
       where f.pid = ${pid} and f.operation = 'unlink'`,
    );
    assert.deepEqual(
      joined.map((row) => row["joined"]),
      [1],
    );
    const others = await daemon.number(
      "select count(*) from process_file_events where path like '%not-watched'",
    );
    assert.equal(others, 0);
  });

  test("a path is of the folder that the kernel saw, whatever the descriptor leads to later", async () => {
    mkdirSync(watched(host));
    mkdirSync(join(host.home.path, "other"));
    const flags = { audit_allow_fim_events: true };
    const daemon = await host.start(
      options(host, flags, { file_paths: { tree: [`${watched(host)}/%%`] } }),
    );
    const pid = python(`
import os, time
os.chdir("${host.home.path}")
for number in range(20):
    open("watched/victim", "w").close()
    f = os.open("watched", 0)
    os.unlink("victim", dir_fd=f)
    os.close(f)
    f = os.open("other", 0)
    time.sleep(.05)
    os.close(f)`);
    const expected = Array.from({ length: 20 }, () => [
      "create watched/victim",
      "unlink watched/victim",
    ]);
    assert.deepEqual(await told(host, pid), expected.flat());
    assert.equal(await counter(daemon, "unresolved"), 0);
  });

  test("programs that end at once have a row for each file", async () => {
    mkdirSync(watched(host));
    const daemon = await host.start(
      options(
        host,
        { audit_allow_fim_events: true },
        { file_paths: { tree: [`${watched(host)}/%%`] } },
      ),
    );
    const script = `cd ${watched(host)}; mkdir d; for i in $(seq 40); do cp /etc/hostname d/$i; done; rm -r d`;
    assert.equal(spawnSync("sh", ["-c", script]).status, 0);
    await daemon.caughtUp();
    const rows = await daemon.query(
      `select operation, count(*) as count, count(distinct path) as paths from process_file_events
       where partial = 'false' and path like '${watched(host)}/d/%' group by operation order by 1`,
    );
    assert.deepEqual(rows, [
      { operation: "create", count: 40, paths: 40 },
      { operation: "unlink", count: 40, paths: 40 },
    ]);
    assert.equal(await counter(daemon, "unresolved"), 0);
    assert.equal(await counter(daemon, "not_watched"), 0);
  });
});

describe("rules of the kernel for watched files", { skip }, () => {
  const host = hostPerTest();

  test("files that are exchanged with watched ones have a row for each, both ways round", async () => {
    mkdirSync(watched(host));
    mkdirSync(join(host.home.path, "other"));
    const daemon = await host.start(
      options(
        host,
        { audit_allow_fim_events: true },
        { file_paths: { tree: [`${watched(host)}/%%`] } },
      ),
    );
    const pid = python(`
import ctypes, os
os.chdir("${host.home.path}")
open("watched/a", "w").close()
open("other/b", "w").close()
exchange = lambda a, b: ctypes.CDLL(None).renameat2(-100, a, -100, b, 2)
for number in range(20):
    exchange(b"other/b", b"watched/a")
for number in range(20):
    exchange(b"watched/a", b"other/b")`);
    const inward = "rename other/b > watched/a";
    const outward = "rename watched/a > other/b";
    const expected = (...two: readonly string[]) => Array.from({ length: 20 }, () => two).flat();
    assert.deepEqual(await told(host, pid), [
      "create watched/a",
      ...expected(inward, outward),
      ...expected(outward, inward),
    ]);
    assert.equal(await counter(daemon, "not_watched"), 0);
  });

  test("the kernel's rules follow a changed configuration, and go with the daemon", async () => {
    mkdirSync(join(watched(host), "one"), { recursive: true });
    mkdirSync(join(watched(host), "two"));
    const flags = { audit_allow_fim_events: true };
    const paths = (name: string) => ({ file_paths: { some: [`${watched(host)}/${name}/%`] } });
    const daemon = await host.start(options(host, flags, paths("one")));
    assert.match(loadedRules(), /watched\/one/);
    const path = join(host.home.path, "auditql.conf");
    const config = JSON.parse(readFileSync(path, "utf8"));
    writeFileSync(path, JSON.stringify({ ...config, ...paths("two") }));
    const rules = await eventually(
      async () => loadedRules(),
      (text) => text.includes("watched/two") && !text.includes("watched/one"),
    );
    assert.match(rules, /watched\/two/);
    assert.doesNotMatch(rules, /watched\/one/);
    const pid = python(`open("${watched(host)}/two/f", "w").close()`);
    await daemon.caughtUp();
    const sql = `select operation from process_file_events where pid = ${pid}`;
    assert.deepEqual(await daemon.query(sql), [{ operation: "create" }]);
    // The monitor adds rules again that are missing: ours must be listed as they were given.
    const restored =
      "select value from auditql_health where name = 'audit' and metric = 'rules_restored'";
    assert.equal(await daemon.number(restored), 0);
    await daemon.stop();
    assert.doesNotMatch(loadedRules(), /watched/);
  });
});

describe("devices, syslog and YARA as event sources", { skip }, () => {
  const host = hostPerTest();

  test("a device's event is a row of hardware_events", async (context) => {
    if (!existsSync(loopEvent)) return context.skip("no loop device");
    const daemon = await host.start(options(host, {}));
    writeFileSync(loopEvent, "change");
    const [row] = await daemon.rowsOnce(
      "select action, path, type, subsystem from hardware_events where path = '/dev/loop0'",
      1,
    );
    assert.deepEqual(row, {
      action: "change",
      path: "/dev/loop0",
      type: "disk",
      subsystem: "block",
    });
  });

  test("what rsyslog is told arrives in syslog_events", async (context) => {
    if (!existsSync(rsyslogd)) return context.skip("no rsyslog");
    const pipe = join(host.home.path, "pipe");
    const daemon = await host.start(options(host, { enable_syslog: true, syslog_pipe_path: pipe }));
    const server = await startRsyslog(host.home.path, pipe);
    try {
      const socket = join(host.home.path, "syslog.sock");
      for (let number = 0; number < 500; number++) {
        spawnSync("logger", [
          "-u",
          socket,
          "-p",
          "auth.warning",
          "-t",
          "tested",
          `a "${number}", b`,
        ]);
      }
      await daemon.rowsOnce("select 1 from syslog_events where tag like 'tested%'", 500);
      const [row] = await daemon.query(
        `select severity, facility, message, datetime like '____-__-__T%' as dated from syslog_events
         where tag like 'tested%' order by eid limit 1`,
      );
      assert.deepEqual(row, { severity: 4, facility: "auth", message: 'a "0", b', dated: 1 });
      const distinct = await daemon.number(
        "select count(distinct message) from syslog where tag like 'tested%'",
      );
      assert.equal(distinct, 500);
    } finally {
      server.kill();
      await once(server, "exit");
    }
  });

  test("a file that matches a YARA rule is a row of yara_events", async (context) => {
    if (!yaraLibraries.some((path) => existsSync(path))) return context.skip("no libyara");
    mkdirSync(watched(host));
    const signatures = join(host.home.path, "test.yar");
    writeFileSync(signatures, 'rule shell : web { strings: $a = "passthru(" condition: $a }\n');
    const sections = {
      file_paths: { www: [`${watched(host)}/%`] },
      yara: { signatures: { webshells: [signatures] }, file_paths: { www: ["webshells"] } },
    };
    const daemon = await host.start(options(host, { enable_file_events: true }, sections));
    await daemon.rowsOnce(
      "select 1 from auditql_health where name = 'file_events' and metric = 'scans' and value = 1",
      1,
    );
    writeFileSync(join(watched(host), "good.php"), "<?php echo 1;");
    writeFileSync(join(watched(host), "bad.php"), "<?php passthru($_GET['c']);");
    const [row] = await daemon.rowsOnce(
      "select target_path, category, matches, count, tags from yara_events where action = 'UPDATED'",
      1,
    );
    assert.deepEqual(row, {
      target_path: join(watched(host), "bad.php"),
      category: "www",
      matches: "shell",
      count: 1,
      tags: "web",
    });
  });
});

/** rsyslog as a host has it, but for its socket, with the template of docs/use/event-sources.md. */
async function startRsyslog(folder: string, pipe: string): Promise<ChildProcess> {
  const [, template = ""] =
    /```\n(template[\s\S]*?)\*\.\*/.exec(readFileSync("docs/use/event-sources.md", "utf8")) ?? [];
  const socket = join(folder, "syslog.sock");
  const path = join(folder, "rsyslog.conf");
  writeFileSync(
    path,
    `module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="${socket}" RateLimit.Interval="0")
${template}*.* action(type="ompipe" Pipe="${pipe}" template="OsqueryCsvFormat")
`,
  );
  const server = spawn(rsyslogd, ["-n", "-f", path, "-i", join(folder, "rsyslog.pid")], {
    stdio: "ignore",
  });
  await eventually(
    async () => existsSync(socket),
    (isThere) => isThere,
  );
  return server;
}
