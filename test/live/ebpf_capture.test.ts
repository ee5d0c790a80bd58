import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, test } from "node:test";
import { DaemonHome, DaemonProcess } from "./daemon_process.js";
import { skipReason } from "./live_host.js";
import { isCertain, whyNoEbpf } from "./tested_backend.js";

/** Listens, connects to itself, sends five bytes, and prints its port. */
const talk = `
  const { createServer, connect } = require("node:net");
  const server = createServer((peer) => peer.on("end", () => (peer.end(), server.close())).resume());
  server.listen(0, "127.0.0.1", () => {
    const { port } = server.address();
    console.log(port);
    connect(port, "127.0.0.1").end("hello");
  });
`;

const skip = skipReason("capture with eBPF, live", whyNoEbpf());

describe("capture with eBPF, live", { skip }, () => {
  test("stores processes and connections with their outcome", async () => {
    const home = new DaemonHome();
    const auditql = {
      state_path: home.statePath,
      http: { port: 0 },
      log: {},
      capture: { backend: "ebpf" },
    };
    const daemon = await DaemonProcess.start(home, { config: { auditql } });
    try {
      const shell = spawnSync("/bin/sh", ["-c", "/bin/true with arguments; exit 7"]);
      const talked = spawnSync(process.execPath, ["-e", talk], { encoding: "utf8" });
      const port = Number(talked.stdout);
      await daemon.caughtUp();
      const processes = await daemon.query(
        `select event_action, cmdline, exit_code, backend, partial from process_events
         where pid = ${shell.pid} and event_action in ('exec', 'exit')`,
      );
      assert.deepEqual(
        processes.map((row) => [row.event_action, row.backend]),
        [
          ["exec", "ebpf"],
          ["exit", "ebpf"],
        ],
      );
      assert.equal(processes[0]?.cmdline, "/bin/sh -c /bin/true with arguments; exit 7");
      assert.equal(processes[1]?.exit_code, 7);
      const child = `select p.cmdline from process_events p where p.event_action = 'exec'
        and p.parent = ${shell.pid}`;
      assert.deepEqual(await daemon.query(child), [{ cmdline: "/bin/true with arguments" }]);
      const sockets = await daemon.query(
        `select s.action, s.status, s.local_address, s.remote_port, s.protocol, s.bytes_sent,
           s.duration > 0 as has_duration, s.path, p.pid as owner
         from socket_events s left join process_events p
           on p.process_uuid = s.process_uuid and p.event_action = 'exec'
         where s.remote_port = ${port} and s.pid = ${talked.pid}`,
      );
      const common = {
        status: "succeeded",
        local_address: "127.0.0.1",
        remote_port: port,
        protocol: 6,
        has_duration: 1,
        path: process.execPath,
        owner: talked.pid,
      };
      assert.deepEqual(sockets, [
        { ...common, action: "connect", bytes_sent: null },
        { ...common, action: "close", bytes_sent: 5 },
      ]);
      const lost = `select sum(value) as lost from auditql_health
        where name = 'ebpf' and metric in ('dropped', 'lost') and ${isCertain}`;
      assert.deepEqual(await daemon.query(lost), [{ lost: 0 }]);
    } finally {
      assert.equal(await daemon.stop(), 0);
      home.remove();
    }
  });

  test("reports audit rules that auditql.capture.audit: off leaves out", async () => {
    const home = new DaemonHome();
    const rules = ["-a always,exit -F arch=b64 -S unlinkat -F dir=/tmp"];
    const auditql = {
      state_path: home.statePath,
      http: { port: 0 },
      log: {},
      capture: { backend: "ebpf", audit: "off", rules },
    };
    const options = { audit_allow_fim_events: true };
    const file_paths = { all: [`${home.statePath}/%%`] };
    const daemon = await DaemonProcess.start(home, { config: { auditql, options, file_paths } });
    try {
      const sql = "select reason from auditql_capture where name in ('rules_not_loaded', 'files')";
      for (const { reason } of await daemon.query(sql)) {
        assert.match(String(reason), /not loaded: auditql.capture.audit is off$/);
      }
      const [found] = await daemon.query(`select count(*) as n from (${sql})`);
      assert.equal(found?.n, 2);
    } finally {
      await daemon.stop();
      home.remove();
    }
  });
});
