import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { accountsNeedNetwork, unusedAccount } from "../../src/sql/worker_account.js";

const skip = process.geteuid?.() === 0 ? false : "only root gives workers another account";

test("the account of query workers is that of nobody and of no process", { skip }, async () => {
  const first = unusedAccount();
  assert.ok(first !== null && first >= 65_520 && first <= 65_533, String(first));
  const accounts = readFileSync("/etc/passwd", "utf8");
  assert.ok(!accounts.split("\n").some((line) => line.split(":")[2] === String(first)));
  const child = spawn("sleep", ["60"], { uid: first, stdio: "ignore" });
  await once(child, "spawn");
  try {
    const second = unusedAccount();
    assert.ok(second !== null && second !== first, `${second} after ${first}`);
  } finally {
    child.kill();
  }
});

// nsswitch.conf of Debian, Fedora, Ubuntu with sssd, and of hosts that ask servers themselves.
const cases: readonly (readonly [string, boolean])[] = [
  ["passwd: files systemd\n", false],
  ["passwd:     files sss systemd   # comment ldap\n", false],
  ["passwd: compat [NOTFOUND=return] winbind\ngroup: ldap\n", false],
  ["", false],
  ["hosts: files dns\n", false],
  ["passwd: files ldap\n", true],
  ["passwd:\tfiles nis\n", true],
];

for (const [text, expected] of cases) {
  test(`accounts ${expected ? "need" : "do not need"} the network with ${JSON.stringify(text)}`, () => {
    assert.equal(accountsNeedNetwork(text), expected);
  });
}
