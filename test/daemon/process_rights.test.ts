import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, test } from "node:test";
import { DaemonHome, DaemonProcess } from "../live/daemon_process.js";
import { eventually } from "../live/eventually.js";
import { uninterruptible } from "../sql/pool_fixture.js";

const skip = process.geteuid?.() === 0 ? false : "only root has rights to give up";

/** Bits of linux/capability.h. */
const capabilityBits: Readonly<Record<string, bigint>> = {
  cap_dac_override: 1n,
  cap_dac_read_search: 2n,
  cap_kill: 5n,
  cap_setgid: 6n,
  cap_setuid: 7n,
  cap_setpcap: 8n,
  cap_net_admin: 12n,
  cap_sys_ptrace: 19n,
  cap_audit_control: 30n,
  cap_audit_read: 37n,
};

/** Lines of /proc/PID/status that say what a process may do. */
const fields = ["Uid", "Gid", "CapPrm", "CapEff", "CapBnd", "NoNewPrivs", "Seccomp"] as const;
type Rights = Readonly<Record<(typeof fields)[number], string>>;

/** The row of a process in the table of docs/deploy/security.md, in the words of the kernel. */
function documented(name: string): readonly Rights[] {
  const page = readFileSync("docs/deploy/security.md", "utf8");
  const row = page.split("\n").find((line) => line.startsWith(`| ${name} |`));
  assert.ok(row !== undefined, `docs/deploy/security.md has no row for ${name}`);
  const cells = row.split("|").slice(2, -1);
  const [ids = "", effective = "", bounding = "", noNewPrivs = "", seccomp = ""] = cells.map(
    (cell) => cell.trim(),
  );
  const [first, last = first] = ids.split(" to ").map(Number);
  assert.ok(first !== undefined && last !== undefined, ids);
  const rest = { NoNewPrivs: noNewPrivs, Seccomp: seccomp };
  const sets = { CapPrm: words(effective), CapEff: words(effective), CapBnd: words(bounding) };
  return Array.from({ length: last - first + 1 }, (_, i) => {
    const four = Array(4)
      .fill(first + i)
      .join("\t");
    return { Uid: four, Gid: four, ...sets, ...rest };
  });
}

/** A set of capabilities as /proc/PID/status has it. */
function words(names: string): string {
  const listed = [...names.matchAll(/`(cap_\w+)`/g)].map(([, name = ""]) => name);
  const bits = listed.map((name) => {
    const bit = capabilityBits[name];
    assert.ok(bit !== undefined, `${name} is no capability that the test knows`);
    return 1n << bit;
  });
  return bits
    .reduce((set, bit) => set | bit, 0n)
    .toString(16)
    .padStart(16, "0");
}

function rightsIn(path: string): Rights | null {
  try {
    const status = readFileSync(path, "latin1");
    const read = fields.map((field) => [
      field,
      new RegExp(`^${field}:\\t(.*)$`, "m").exec(status)?.[1] ?? "",
    ]);
    const rights: Rights = Object.fromEntries(read);
    return rights;
  } catch {
    return null; // It has ended.
  }
}

/** Of every thread of a process. */
function rightsOf(pid: number): readonly Rights[] {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.flatMap((thread) => rightsIn(`/proc/${pid}/task/${thread}/status`) ?? []);
}

function childrenOf(pid: number): readonly number[] {
  const tasks = readdirSync(`/proc/${pid}/task`);
  return tasks.flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, "latin1")
      .split(" ")
      .filter((child) => child !== "")
      .map(Number),
  );
}

/** One that runs when its worker is killed is not run again; the others keep workers busy. */
const schedule = Object.fromEntries(
  Array.from({ length: 6 }, (_, i) => [`query_${i}`, { query: `select ${i}`, interval: 1 }]),
);

describe("rights of auditql's processes", { skip }, () => {
  let home: DaemonHome;
  let daemon: DaemonProcess;

  beforeEach(async () => {
    home = new DaemonHome();
    daemon = await DaemonProcess.start(home, {
      config: {
        auditql: { state_path: home.statePath, http: {}, capture: { backend: "none" } },
        schedule,
      },
    });
  });
  afterEach(async () => {
    await daemon.kill();
    home.remove();
  });

  /** Waits for the workers that are starting; every process then has what the page says. */
  async function assertDocumented(): Promise<readonly number[]> {
    assert.equal(await daemon.number("select 1"), 1);
    const workers = await eventually(
      async () => childrenOf(daemon.pid),
      (pids) => pids.length >= 2 && pids.every((pid) => rightsOf(pid)[0]?.Seccomp === "2"),
    );
    assert.ok(workers.length >= 2, `${workers.length} workers`);
    const [ofDaemon] = documented("daemon");
    for (const rights of rightsOf(daemon.pid)) assert.deepEqual(rights, ofDaemon);
    const ofWorkers = documented("query worker");
    const used = new Set<string>();
    for (const worker of workers) {
      const threads = rightsOf(worker);
      for (const rights of threads) {
        used.add(rights.Uid);
        const expected = ofWorkers.find(({ Uid }) => Uid === rights.Uid);
        assert.deepEqual(rights, expected ?? ofWorkers[0]);
      }
    }
    assert.equal(used.size, 1, "workers have different accounts");
    return workers;
  }

  test("daemon and query workers have what the table of docs/deploy/security.md says: after the start, after workers were killed, after a reload", async () => {
    const first = await assertDocumented();
    for (const pid of first) process.kill(pid, "SIGKILL");
    // A query may still be handed to a worker whose end was not seen yet.
    await eventually(
      () => daemon.number("select 1").catch(() => 0),
      (one) => one === 1,
    );
    const second = await assertDocumented();
    assert.deepEqual(
      second.filter((pid) => first.includes(pid)),
      [],
    );
    home.writeConfig({
      auditql: { state_path: home.statePath, http: {}, capture: { backend: "none" } },
      schedule,
      views: { three: "select 3 as three" },
    });
    daemon.signal("SIGHUP");
    // The view is there once workers with the new configuration are.
    const three = await eventually(
      () => daemon.number("select three from three").catch(() => 0),
      (value) => value === 3,
    );
    assert.equal(three, 3);
    await assertDocumented();
  });

  test("the daemon still ends a worker that cannot be interrupted", async () => {
    const before = await assertDocumented();
    const limits = { timeoutMs: 500 };
    const answer = await daemon.send("POST", "/v1/query", { sql: uninterruptible, limits });
    assert.match(answer.body, /query_timeout/, answer.body);
    const killed = await eventually(
      async () => before.filter((pid) => !childrenOf(daemon.pid).includes(pid)),
      (pids) => pids.length > 0,
    );
    assert.equal(killed.length, 1);
    await assertDocumented();
  });
});
