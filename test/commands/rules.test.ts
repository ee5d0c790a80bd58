import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { runAuditql } from "./command_run.js";

function rulesFile(t: TestContext, text: string): string {
  const directory = mkdtempSync(join(tmpdir(), "auditql-test-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, "audit.rules");
  writeFileSync(path, text);
  return path;
}

test("rules compile prints rules as auditctl -l does, and settings as they stand", async (t) => {
  const path = rulesFile(
    t,
    "# comment\n-D\n-b 8192\n-w /etc/passwd -p aw -k identity\n-a exit,always -F arch=b64 -S execve -k x\n",
  );
  assert.deepEqual(await runAuditql(["rules", "compile", path]), {
    status: 0,
    stdout:
      "-D\n-b 8192\n-w /etc/passwd -p wa -k identity\n-a always,exit -F arch=b64 -S execve -F key=x\n",
    stderr: "",
  });
});

test("rules compile as JSON has the bytes that the kernel would get", async () => {
  const run = await runAuditql(
    ["rules", "compile", "-", "--format", "json"],
    "-b 64\n-a never,exit -F arch=b64 -S all -F exe=/bin/true\n",
  );
  const [limit, rule] = run.stdout.trimEnd().split("\n");
  assert.deepEqual(JSON.parse(limit ?? ""), { line: 1, rule: "-b 64", bytes: null });
  const { line, bytes } = JSON.parse(rule ?? "");
  assert.equal(line, 2);
  // struct audit_rule_data: the filter list "exit" is 4, and the path stands at the end.
  assert.match(bytes, /^04000000/);
  assert.ok(Buffer.from(bytes, "hex").toString("latin1").includes("/bin/true"));
});

test("every wrong line is reported with its place, and the others are printed", async (t) => {
  const path = rulesFile(t, "-w relative\n-b 64\n-a always,exit -S no_such_call\n");
  const run = await runAuditql(["rules", "compile", path]);
  assert.equal(run.status, 78);
  assert.equal(run.stdout, "-b 64\n");
  assert.ok(run.stderr.includes(`${path}:1: error: the path of a watch must start with /`));
  assert.ok(run.stderr.includes(`${path}:3: error: unknown syscall: no_such_call`));
  assert.match(run.stderr, /auditql: audit_rule_invalid: .*: 2 lines cannot be compiled/);
});

test("a name in a rules file cannot drive the terminal", async () => {
  const run = await runAuditql(["rules", "compile", "-"], "-w /tmp/\u001b[2Jx -p w -k k\n");
  assert.ok(!run.stdout.includes("\u001b"), JSON.stringify(run.stdout));
});

test("rules load refuses to lock the rules or to let the host panic, before anything changes", async () => {
  for (const line of ["-e 2", "-f 2"]) {
    const run = await runAuditql(["rules", "load", "-"], `-D -k no-such-key\n${line}\n`);
    assert.equal(run.status, 78, run.stderr);
    assert.match(run.stderr, /^auditql: audit_rule_refused: line 2: /);
  }
});

test("rules load changes nothing where a line is wrong", async () => {
  const run = await runAuditql(["rules", "load", "-"], "-D -k no-such-key\n-w relative\n");
  assert.equal(run.status, 78);
  assert.match(run.stderr, /^standard input:2: error: /);
  assert.equal(run.stdout, "");
});

const hasRight = process.getuid?.() === 0 ? "root has every right" : false;
test("without the right to it, rules list says what is needed", { skip: hasRight }, async () => {
  const run = await runAuditql(["rules", "list"]);
  assert.ok(run.status === 77 || run.status === 69, run.stderr);
  assert.match(run.stderr, /^auditql: audit_(permission|unavailable): /);
});

test("rules compile and load want one file", async () => {
  for (const args of [["compile"], ["compile", "a", "b"], ["load"]]) {
    assert.equal((await runAuditql(["rules", ...args])).status, 2);
  }
  const missing = await runAuditql(["rules", "compile", "/no/such/file"]);
  assert.equal(missing.status, 74);
  assert.match(missing.stderr, /^auditql: file_unreadable: /);
});

test("rules compile reports what only auditctl refuses, and exits like for any wrong line", async () => {
  const run = await runAuditql(
    ["rules", "compile", "-"],
    '-a always,exit -F arch=b64 -S execve -F "auid>=500" -k q\n-w "/etc/sudoers.d/a b" -p wa -k x\n-w /etc/passwd -p wa -k "y"\n-w /etc/group -p wa -k z\n',
  );
  assert.equal(run.status, 78);
  const said = run.stderr.split("\n").slice(0, 3);
  assert.match(said[0] ?? "", /:3: warning: auditctl -R reads this line differently/);
  assert.match(said[1] ?? "", /:1: error: auditctl -R rejects this line: .*does not remove quotes/);
  assert.match(said[2] ?? "", /:2: error: auditctl -R rejects this line/);
  assert.match(run.stdout, /-w \/etc\/group -p wa -k z\n$/);
});

test("rules of the list io_uring compile, by name, number and list", async () => {
  const rules = "-a always,io_uring -S openat,openat2 -F key=uu\n";
  const run = await runAuditql(["rules", "compile", "-"], rules);
  assert.deepEqual(run, { status: 0, stdout: rules, stderr: "" });
  const json = await runAuditql(
    ["rules", "compile", "-", "-f", "json"],
    rules.replace("openat,", "18,"),
  );
  const bytes = Buffer.from(JSON.parse(json.stdout).bytes, "hex");
  // AUDIT_FILTER_URING_EXIT, AUDIT_ALWAYS, one field (the key), and the bits of 18 and 28.
  assert.deepEqual(
    [0, 4, 8, 12, 16].map((at) => bytes.readUInt32LE(at)),
    [7, 2, 1, 2 ** 18 + 2 ** 28, 0],
  );
});
