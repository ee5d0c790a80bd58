import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { describe, test } from "node:test";
import { hostPerTest, skipReason } from "./live_host.js";
import { whyNotAudit } from "./tested_backend.js";

const skip = skipReason("live rules", whyNotAudit("rules of the audit subsystem"));

// The key that restoreAuditState() clears away, should the test fail.
const key = "auditql";
const rules = [
  `-a always,exit -F arch=b64 -S personality -F auid>=1000 -F auid!=-1 -F key=${key}`,
  `-a never,exit -S all -F exe=/bin/true -F key=${key}`,
  `-w /etc/hostname -p wa -k ${key}`,
];

function auditql(args: readonly string[], input = "") {
  return spawnSync(process.execPath, ["dist/src/main.js", ...args], { input, encoding: "utf8" });
}

describe("rules from the command line", { skip }, () => {
  hostPerTest();

  test("what auditql loads is what auditctl and auditql list, and goes away again", () => {
    const loaded = auditql(["rules", "load", "-"], `${rules.join("\n")}\n`);
    assert.equal(loaded.stdout, "3 added, 0 deleted, 0 already loaded, 0 failed\n", loaded.stderr);
    const listed = execFileSync("auditctl", ["-l"], { encoding: "utf8" });
    assert.deepEqual(
      listed.split("\n").filter((line) => line.includes(key)),
      rules,
    );
    assert.equal(auditql(["rules", "list"]).stdout, listed);

    const again = auditql(["rules", "load", "-"], `${rules.join("\n")}\n`);
    assert.equal(again.stdout, "0 added, 0 deleted, 3 already loaded, 0 failed\n", again.stderr);
    const deleted = auditql(["rules", "load", "-"], `-D -k ${key}\n`);
    assert.equal(deleted.stdout, "0 added, 3 deleted, 0 already loaded, 0 failed\n");
  });

  test("a refusal of the kernel names the line, and -c goes on behind it", () => {
    const missing = "-d always,exit -F arch=b64 -S personality -F key=none";
    const stopped = auditql(["rules", "load", "-"], `${missing}\n${rules[0]}\n`);
    assert.equal(stopped.status, 1);
    assert.match(stopped.stderr, /^auditql: audit_not_found: line 1: /);
    const went = auditql(["rules", "load", "-"], `-c\n${missing}\n${rules[0]}\n`);
    assert.equal(went.status, 1);
    assert.match(went.stderr, /^standard input:2: error: /);
    assert.equal(went.stdout, "1 added, 0 deleted, 0 already loaded, 1 failed\n");
    auditql(["rules", "load", "-"], `-D -k ${key}\n`);
  });
});
