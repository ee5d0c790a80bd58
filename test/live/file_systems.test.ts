import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, linkSync, mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, test } from "node:test";
import type { DaemonProcess } from "./daemon_process.js";
import { hostPerTest, skipReason } from "./live_host.js";
import { MountedFolders } from "./mounted_folders.js";
import { whyNotAudit } from "./tested_backend.js";

const skip = skipReason("file systems whose devices and inodes are not stat's, live");

function program(path: string): string {
  copyFileSync("/bin/sleep", path);
  return path;
}
const health = (daemon: DaemonProcess, where: string) =>
  daemon.number(`select coalesce(sum(value), -1) from auditql_health where ${where}`);

async function statusOf(daemon: DaemonProcess, path: string): Promise<unknown> {
  assert.equal(spawnSync(path, ["1"]).status, 0);
  const [row] = await daemon.rowsOnce(
    `select exe_hash_status as status from process_events
     where event_action = 'exec' and path = '${path}' and exe_hash_status is not null`,
    1,
  );
  return row?.["status"];
}

const execs = async (daemon: DaemonProcess, path: string) => {
  await daemon.caughtUp();
  return daemon.number(
    `select count(*) from process_events where event_action = 'exec' and path = '${path}'`,
  );
};
const kernelRules = (daemon: DaemonProcess, path: string) =>
  health(daemon, `metric = 'kernel_rules' and name = 'exe=${path}'`);
const whyNot = (daemon: DaemonProcess, path: string, reason: string) =>
  health(daemon, `metric = 'not_in_kernel' and name = 'exe=${path}' and reason = '${reason}'`);

/** A fresh host for each test of the enclosing suite, and file systems that go with it. */
function hostWithMounts() {
  let mounts: MountedFolders | null = null;
  // Before the host's own, which removes the folder.
  afterEach(() => mounts?.unmount());
  const host = hostPerTest();
  const mounted = () => {
    mounts = new MountedFolders(host.home.path);
    return mounts;
  };
  const start = (capture: object = {}) =>
    host.start({
      config: {
        auditql: { state_path: host.home.statePath, http: { port: 0 }, log: {}, capture },
      },
    });
  return { host, mounted, start };
}

describe("programs that are known by device and inode", { skip }, () => {
  const { mounted, start } = hostWithMounts();

  test("programs in each layer of an overlay of two file systems have a digest", async () => {
    const { path, lower } = mounted().overlay("overlay");
    program(join(lower, "lower"));
    program(join(path, "upper"));
    const daemon = await start();
    for (const name of ["lower", "upper"]) {
      assert.equal(await statusOf(daemon, join(path, name)), "hashed", name);
    }
    assert.equal(await health(daemon, "name = 'executables' and reason = 'gone_at_once'"), 0);
  });

  test("programs on Btrfs have a digest, in a subvolume too", async (context) => {
    const path = mounted().btrfs("btrfs");
    if (path === null) return context.skip("no Btrfs can be made");
    execFileSync("btrfs", ["-q", "subvolume", "create", join(path, "sub")]);
    const daemon = await start();
    for (const name of ["top", "sub/below"]) {
      assert.equal(await statusOf(daemon, program(join(path, name))), "hashed", name);
    }
    assert.equal(await health(daemon, "name = 'executables' and reason = 'gone_at_once'"), 0);
  });
});

const skipRules = skipReason(
  "exclusions by inode, live",
  whyNotAudit("its rules name inodes, where eBPF compares paths"),
);
describe("exclusions of programs on file systems", { skip: skipRules }, () => {
  const { host, mounted, start } = hostWithMounts();

  test("an exclusion hides no program that has another name", async () => {
    const folder = join(host.home.path, "bin");
    mkdirSync(folder);
    const [plain, original, link] = ["plain", "original", "link"].map((name) => join(folder, name));
    assert.ok(plain !== undefined && original !== undefined && link !== undefined);
    const excluded = join(folder, "excluded");
    program(plain);
    program(original);
    linkSync(original, excluded);
    symlinkSync(original, link);
    const exclude = [{ exe: excluded }, { exe: link }, { exe: plain }];
    const daemon = await start({ exclude });
    for (const path of [original, excluded, link, plain]) spawnSync(path, ["0.1"]);
    assert.equal(await execs(daemon, original), 2);
    assert.equal(await execs(daemon, excluded), 0);
    assert.equal(await execs(daemon, plain), 0);
    assert.equal(await kernelRules(daemon, excluded), 0);
    assert.equal(await whyNot(daemon, excluded, "several_names"), 1);
    assert.equal(await whyNot(daemon, link, "link"), 1);
    assert.equal(await kernelRules(daemon, plain), 1);
    // A name that comes while it runs is noticed when the configuration is read again.
    const late = join(folder, "late");
    linkSync(plain, late);
    daemon.signal("SIGHUP");
    const sql = `select value from auditql_health where metric = 'not_in_kernel' and name = 'exe=${plain}' and value = 1`;
    assert.equal(await daemon.numberOnce(sql, 1), 1);
    spawnSync(late, ["0.1"]);
    assert.equal(await execs(daemon, late), 1);
  });

  test("an exclusion on Btrfs hides no file of another subvolume with the same inode", async (context) => {
    const path = mounted().btrfs("btrfs");
    if (path === null) return context.skip("no Btrfs can be made");
    const excluded = program(join(path, "excluded"));
    const sub = join(path, "sub");
    execFileSync("btrfs", ["-q", "subvolume", "create", sub]);
    const other = program(join(sub, "other"));
    assert.equal(statSync(other).ino, statSync(excluded).ino, "each subvolume counts anew");
    const daemon = await start({ exclude: [{ exe: excluded }] });
    for (const each of [excluded, other]) spawnSync(each, ["0.1"]);
    assert.equal(await execs(daemon, other), 1);
    assert.equal(await execs(daemon, excluded), 0);
    assert.equal(await whyNot(daemon, excluded, "inodes_repeat"), 1);
  });
});

const skipCalls = skipReason("file calls, live", whyNotAudit("file calls come from it"));
describe("file calls on file systems", { skip: skipCalls }, () => {
  const { host, mounted } = hostWithMounts();

  test("file calls on Btrfs and on an overlay are told by their paths", async (context) => {
    const folders = mounted();
    const { path } = folders.overlay("overlay");
    const btrfs = folders.btrfs("btrfs");
    if (btrfs === null) context.diagnostic("no Btrfs can be made");
    const watched = [path, ...(btrfs === null ? [] : [btrfs])];
    const daemon = await host.start({
      config: {
        options: { audit_allow_fim_events: true },
        file_paths: { all: watched.map((each) => `${each}/%%`) },
        auditql: { state_path: host.home.statePath, http: { port: 0 }, log: {} },
      },
    });
    for (const each of watched) {
      writeFileSync(join(each, "f"), "x");
      const code = `import os, sys, time
f = os.open("${each}", 0)
os.rename("f", "g", src_dir_fd=f, dst_dir_fd=f)
os.unlink("g", dir_fd=f)
time.sleep(1)`;
      assert.equal(spawnSync("python3", ["-c", code]).status, 0);
    }
    await daemon.caughtUp();
    for (const each of watched) {
      const rows = await daemon.query(
        `select operation from process_file_events where path like '${each}/%' and partial = 'false' order by eid`,
      );
      assert.deepEqual(
        rows.map(({ operation }) => operation),
        ["create", "rename", "unlink"],
        each,
      );
    }
  });
});
