import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { DaemonHome, DaemonProcess } from "../live/daemon_process.js";
import { eventually } from "../live/eventually.js";

const capSysAdmin = 21n;

function mayMount(): boolean {
  const status = readFileSync("/proc/self/status", "latin1");
  const effective = BigInt(`0x${/^CapEff:\s*(\w+)$/m.exec(status)?.[1] ?? "0"}`);
  return ((effective >> capSysAdmin) & 1n) === 1n;
}

const skip = mayMount() ? false : "a filesystem in memory takes CAP_SYS_ADMIN";

/** Every file below a directory that can be read as one. */
function filesBelow(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true })
    .map((name) => join(directory, String(name)))
    .filter((path) => statSync(path).isFile());
}

describe("a daemon that keeps its tables in memory", { skip }, () => {
  const marker = "a-name-that-is-found-nowhere-else";
  let home: DaemonHome;
  let daemon: DaemonProcess | null = null;
  let watched = "";

  beforeEach(() => {
    home = new DaemonHome();
    watched = join(home.path, "watched");
    mkdirSync(watched);
  });
  afterEach(async () => {
    await daemon?.kill();
    daemon = null;
    home.remove();
  });

  /** Starts it, and waits until the folder is watched. */
  async function start(): Promise<DaemonProcess> {
    const started = await DaemonProcess.start(home, {
      config: {
        options: { enable_file_events: true, logger_path: home.logPath },
        file_paths: { all: [`${watched}/%`] },
        auditql: {
          state_path: home.statePath,
          store: "memory",
          store_max_bytes: 64 * 2 ** 20,
          http: {},
          capture: { backend: "none" },
        },
      },
    });
    daemon = started;
    const scans = await started.numberOnce(
      "select value from auditql_health where name = 'file_events' and metric = 'scans'",
      1,
    );
    assert.equal(scans, 1);
    return started;
  }

  /** Highest eid of the events of the file that this makes. */
  async function eidOfEvent(running: DaemonProcess, name: string): Promise<number> {
    const newest = () => running.number("select coalesce(max(eid), 0) from file_events");
    const before = await newest();
    writeFileSync(join(watched, name), "content");
    return eventually(newest, (eid) => eid > before);
  }

  test("answers from them, with their health, and leaves none of their rows on disk", async () => {
    const running = await start();
    await eidOfEvent(running, marker);
    const stored = await running.numberOnce(
      "select value from auditql_health where name = 'file_events' and metric = 'stored'",
      1,
    );
    assert.ok(stored > 0);
    assert.equal(await running.stop(), 0);
    const files = [...filesBelow(home.statePath), ...filesBelow(home.logPath)];
    assert.deepEqual(
      files.filter((path) => /segment|manifest/.test(path) || readFileSync(path).includes(marker)),
      [],
    );
  });

  test("starts anew after kill -9, and gives no eid twice", async () => {
    const first = await start();
    const before = await eidOfEvent(first, "first");
    await first.kill();
    const second = await start();
    assert.equal(await second.number("select count(*) from file_events"), 0);
    assert.ok((await eidOfEvent(second, "second")) > before);
  });
});
