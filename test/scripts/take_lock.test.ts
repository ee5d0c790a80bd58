import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { after, test } from "node:test";

const skip =
  spawnSync("flock", ["--version"]).error === undefined ? false : "flock(1) is not installed";
const name = `test-${process.pid}`;
after(() => {
  for (const file of [name, `${name}.pid`]) rmSync(`build/locks/${file}`, { force: true });
});

/** Takes the lock, says so, and keeps it until its standard input ends. */
const program = `
  const { takeLock } = await import("./scripts/take_lock.mjs");
  takeLock(process.argv[1], "waiting");
  console.log("held");
  process.stdin.resume();`;

/** The same, with a step of a set-up that has the lock, too, and says its pid. */
const programWithStep = `
  const { takeLock } = await import("./scripts/take_lock.mjs");
  const { runStep } = await import("./scripts/build_step.mjs");
  const lock = takeLock(process.argv[1], "waiting");
  const script = 'echo $$ > "$0"; exec sleep 600';
  const { statSync } = await import("node:fs");
  const file = "build/locks/" + process.argv[1] + ".pid";
  void runStep("step", { command: "sh", args: ["-c", script, file], cwd: ".", lock });
  setInterval(() => {
    if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0) console.log("held");
  }, 20);`;

/** A process that wants the lock; its next line tells that it waits or holds. */
function start(source = program) {
  const args = ["--input-type=module", "--eval", source, name];
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

test("a step of a killed set-up keeps the lock until it ends", { skip }, async () => {
  const first = start(programWithStep);
  await first.held;
  first.child.kill("SIGKILL");
  await once(first.child, "exit");
  const step = Number(readFileSync(`build/locks/${name}.pid`, "utf8"));
  const second = start();
  const said = await Promise.race([second.held, second.waiting]);
  process.kill(step, "SIGKILL");
  assert.equal(said, "auditql: waiting");
  assert.equal(await second.held, "held");
  second.stdin.end();
});
