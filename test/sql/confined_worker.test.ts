// A process with the rights of a query worker tries, with Node, what code in a worker that was taken
// over would try. Every system call of its kind is tried in addon/system/confinement_test.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { skip } from "./pool_fixture.js";

const folder = mkdtempSync(join(tmpdir(), "auditql-confined-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
const secret = join(folder, "secret");
writeFileSync(secret, "for root only", { mode: 0o600 });

const attempts: Readonly<Record<string, string>> = {
  "write a file": `fs.writeFileSync(${JSON.stringify(join(folder, "made"))}, "x")`,
  "append to a file": `fs.appendFileSync(${JSON.stringify(secret)}, "x")`,
  "write to the memory of a process": 'fs.openSync("/proc/self/mem", "r+")',
  "remove a file": `fs.unlinkSync(${JSON.stringify(secret)})`,
  "rename a file": `fs.renameSync(${JSON.stringify(secret)}, "/tmp/other")`,
  "change a mode": `fs.chmodSync(${JSON.stringify(secret)}, 0o777)`,
  "make a folder": `fs.mkdirSync(${JSON.stringify(join(folder, "made"))})`,
  "make a link": `fs.symlinkSync("/", ${JSON.stringify(join(folder, "made"))})`,
  "run a program": 'raise(child.spawnSync("/bin/true").error)',
  "end its parent": "process.kill(process.ppid, 0)",
  "end every process": "process.kill(-1, 0)",
  "become root": "process.setuid(0)",
};

/** Runs them after confineProcess(); gives the code of each error. */
const program = (allowed: readonly string[]): string => `
  import fs from "node:fs";
  import child from "node:child_process";
  import { loadAddon } from ${JSON.stringify(new URL("../../src/native/addon.js", import.meta.url).href)};
  const raise = (error) => { if (error !== undefined) throw error; };
  const unconfined = loadAddon().confineProcess({
    capabilities: ["cap_dac_read_search", "cap_sys_ptrace"], account: 65520, allowNetwork: false,
  });
  const results = {};
  const attempt = (name, act) => {
    try { act(); results[name] = "done"; } catch (error) { results[name] = error.code ?? error.message; }
  };
  ${Object.entries(attempts)
    .map(([name, code]) => `attempt(${JSON.stringify(name)}, () => ${code});`)
    .join("\n")}
  ${allowed.map((code, index) => `attempt("allowed ${index}", () => ${code});`).join("\n")}
  process.stdout.write(JSON.stringify({ unconfined, results }));
`;

test("a confined process can do nothing but read", { skip }, () => {
  const allowed = [
    `fs.readFileSync(${JSON.stringify(secret)})`,
    'fs.readdirSync("/proc/1")',
    'fs.readlinkSync("/proc/self/exe")',
  ];
  const script = join(folder, "attempts.mjs");
  writeFileSync(script, program(allowed));
  const { stdout, stderr } = spawnSync(process.execPath, ["--v8-pool-size=0", script], {
    encoding: "utf8",
  });
  const { unconfined, results }: { unconfined: string[]; results: Record<string, string> } =
    JSON.parse(stdout === "" ? `{"unconfined": [${JSON.stringify(stderr)}]}` : stdout);
  assert.deepEqual(unconfined, []);
  for (const name of Object.keys(attempts)) {
    assert.match(results[name] ?? "", /^(?:EPERM|EACCES)$/, name);
  }
  for (const index of allowed.keys()) assert.equal(results[`allowed ${index}`], "done");
  assert.ok(existsSync(secret));
});
