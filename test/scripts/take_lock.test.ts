import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { after, test } from "node:test";

const skip =
  spawnSync("flock", ["--version"]).error === undefined ? false : "flock(1) is not installed";
const name = `test-${process.pid}`;
after(() => rmSync(`build/locks/${name}`, { force: true }));

/** Takes the lock, says so, and keeps it until its standard input ends. */
const program = `
  const { takeLock } = await import("./scripts/take_lock.mjs");
  takeLock(process.argv[1], "waiting");
  console.log("held");
  process.stdin.resume();`;

/** A process that wants the lock; its next line tells that it waits or holds. */
function start() {
  const args = ["--input-type=module", "--eval", program, name];
  const child: ChildProcess = spawn(process.execPath, args, { stdio: "pipe" });
  const { stdin, stdout, stderr } = child;
  assert.ok(stdin && stdout && stderr);
  const line = async (from: typeof stdout) => String(await once(createInterface(from), "line"));
  return { child, stdin, held: line(stdout), waiting: line(stderr) };
}

test("who comes second says that it waits, and goes on when the first has ended", {
  skip,
}, async () => {
  const first = start();
  assert.equal(await first.held, "held");
  const second = start();
  let isHeld = false;
  const held = second.held.then((line) => {
    isHeld = true;
    return line;
  });
  assert.equal(await second.waiting, "auditql: waiting");
  assert.equal(isHeld, false);
  first.stdin.end();
  assert.equal(await held, "held");
  second.stdin.end();
});

test("a killed process leaves no lock behind", { skip }, async () => {
  const first = start();
  await first.held;
  first.child.kill("SIGKILL");
  await once(first.child, "exit");
  const second = start();
  const said = await Promise.race([second.held, second.waiting]);
  assert.equal(said, "held");
  second.stdin.end();
});
