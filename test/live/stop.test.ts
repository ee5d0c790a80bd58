import assert from "node:assert/strict";
import { createWriteStream, mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { breakages, type StopFault, stopFaults } from "../daemon/stop_faults.js";
import {
  printResults,
  type StopResult,
  signalLists,
  stopWithFault,
} from "../daemon/stop_matrix.js";
import { readAuditState } from "./audit_state.js";
import { type DaemonHome, DaemonProcess } from "./daemon_process.js";
import { hostPerTest, skipReason } from "./live_host.js";
import { testedBackend } from "./tested_backend.js";

const skip = skipReason("how a capturing daemon stops, live");

/** State and logs on one small file system of the daemon's own, which is then filled. */
const fullFileSystem: StopFault = {
  name: "state and logs on a full file system",
  async start(home: DaemonHome, base: object) {
    const mounted = join(home.path, "full");
    mkdirSync(mounted);
    const mount = 'mount -t tmpfs -o size=64m tmpfs "$0" && exec "$@"';
    const daemon = await DaemonProcess.start(home, {
      config: {
        options: { logger_path: join(mounted, "log") },
        auditql: {
          state_path: join(mounted, "state"),
          http: { socket_path: home.socketPath },
          ...base,
        },
        schedule: { executions: { query: "select * from process_events", interval: 1 } },
      },
      launcher: ["unshare", "-m", "sh", "-c", mount, mounted],
    });
    await fill(`/proc/${daemon.pid}/root${mounted}/fill`);
    await sleep(2500);
    return { daemon, close() {} };
  },
};

/** Writes until there is no room. */
async function fill(path: string): Promise<void> {
  const stream = createWriteStream(path);
  const failed = new Promise<string>((resolve) =>
    stream.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "")),
  );
  const block = Buffer.alloc(1 << 20);
  const write = () => {
    while (!stream.errored && stream.write(block));
    if (!stream.errored) stream.once("drain", write);
  };
  write();
  assert.equal(await failed, "ENOSPC");
}

describe("a capturing daemon leaves the host's auditing as it found it", { skip }, () => {
  const results: StopResult[] = [];
  const host = hostPerTest(async ({ home }) => mkdirSync(home.statePath, { mode: 0o700 }));
  after(() => printResults("fault, signals: ended, with auditing as it was found", results));

  const base = { capture: { backend: testedBackend } };
  const [term = [], , , twice = [], both = []] = signalLists;
  /** Each signal where nothing hangs; those that differ where something does. */
  const pairs = [
    ...signalLists.map((signals) => ({ fault: stopFaults[0], signals })),
    ...[...stopFaults.slice(1), fullFileSystem].flatMap((fault) =>
      [term, twice, both].map((signals) => ({ fault, signals })),
    ),
    ...breakages.map((fault) => ({ fault, signals: [] })),
  ];
  for (const { fault, signals } of pairs) {
    if (fault === undefined) continue;
    test(`with ${fault.name}, by ${signals.join(" and ") || "itself"}`, async () => {
      const result = await stopWithFault(fault, signals, { home: host.home, base });
      results.push(result);
      assert.deepEqual(readAuditState(), host.found);
      if (signals.length > 0) assert.ok([0, 75].includes(result.status ?? -1), `${result.status}`);
    });
  }

  test("also when a signal comes in the middle of its start, at each of many moments", async () => {
    for (let delayMs = 0; delayMs < 1600; delayMs += 200) {
      const daemon = host.launch();
      await sleep(400 + delayMs);
      daemon.signal("SIGTERM");
      daemon.signal("SIGTERM");
      await daemon.ended();
      assert.deepEqual(readAuditState(), host.found, `after ${delayMs} ms`);
    }
  });

  test("also when its port is taken", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => taken.once("listening", resolve));
    const address = taken.address();
    const port = typeof address === "object" ? address?.port : 0;
    const auditql = { state_path: host.home.statePath, http: { port } };
    const daemon = host.launch({ config: { auditql } });
    const status = await daemon.ended();
    taken.close();
    assert.match(daemon.stderr, /port_in_use/);
    assert.notEqual(status, 0);
    assert.deepEqual(readAuditState(), host.found);
  });
});
