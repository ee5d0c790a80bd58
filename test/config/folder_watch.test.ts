import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { FolderWatch } from "../../src/config/folder_watch.js";
import { temporaryFolder } from "./temporary_folder.js";

test("a change is told once, until the watch is armed again", async (context) => {
  const path = join(temporaryFolder(context), "a.conf");
  let told = 0;
  const watch = new FolderWatch(() => told++);
  context.after(() => watch.close());
  assert.equal(watch.arm([path]), true);
  for (let i = 0; i < 10; i++) writeFileSync(path, String(i));
  await sleep(100);
  assert.equal(told, 1);
  writeFileSync(path, "not armed");
  await sleep(100);
  assert.equal(told, 1);
  watch.arm([path]);
  writeFileSync(path, "armed");
  await sleep(100);
  assert.equal(told, 2);
});

test("a file behind links, and one of a folder that is named, are watched where they are", async (context) => {
  const folder = temporaryFolder(context);
  for (const name of ["etc", "real", "etc/a.conf.d"]) mkdirSync(join(folder, name));
  writeFileSync(join(folder, "real/a.conf"), "");
  symlinkSync("../real/a.conf", join(folder, "etc/a.conf"));
  let told = 0;
  const watch = new FolderWatch(() => told++);
  context.after(() => watch.close());
  const arm = () => watch.arm([join(folder, "etc/a.conf"), join(folder, "etc/a.conf.d")]);
  for (const name of ["real/a.conf", "etc/a.conf.d/x.conf", "etc/new"]) {
    arm();
    const before = told;
    writeFileSync(join(folder, `${name}.new`), "x");
    renameSync(join(folder, `${name}.new`), join(folder, name));
    await sleep(100);
    assert.equal(told, before + 1, name);
  }
});

test("a folder that is not there is said, and the rest is watched", (context) => {
  const folder = temporaryFolder(context);
  const watch = new FolderWatch(() => {});
  context.after(() => watch.close());
  assert.equal(watch.arm([join(folder, "a.conf"), join(folder, "missing/b.conf")]), false);
});

test("who writes into the folder as fast as possible does not hold this thread", async (context) => {
  const folder = temporaryFolder(context);
  let told = 0;
  const watch = new FolderWatch(() => told++);
  context.after(() => watch.close());
  const script = 'while :; do : > "$0/a"; : > "$0/b"; done';
  const writers = [1, 2].map(() => spawn("sh", ["-c", script, folder]));
  let turns = 0;
  try {
    for (const end = performance.now() + 3000; performance.now() < end; turns++) {
      watch.arm([join(folder, "a.conf")]);
      await sleep(100);
    }
  } finally {
    // Before the folder is removed, which they would fill again.
    await Promise.all(
      writers.map((writer) => {
        const ended = once(writer, "exit");
        writer.kill("SIGKILL");
        return ended;
      }),
    );
  }
  // Each turn takes the time that it sleeps, more or less: held once, there would be one.
  assert.ok(turns > 5, `${turns} turns`);
  assert.ok(told > 3 && told <= turns, `told ${told} times in ${turns} turns`);
});
