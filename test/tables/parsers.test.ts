import assert from "node:assert/strict";
import { test } from "node:test";
import { addressFromHex, ipv6Text } from "../../src/tables/network/ip_address.js";
import { parseProcessStat } from "../../src/tables/processes/process_stat.js";
import { processUuidsOf } from "../../src/tables/processes/process_uuid.js";
import { pick, rowsOn } from "./made_up_host.js";

test("a process name with blanks, parentheses and odd bytes is read whole", () => {
  const fields = `S 7 8 9 0 -1 0 0 0 0 0 11 12 0 0 20 -5 3 0 4242 0`;
  const bytes = Buffer.concat([
    Buffer.from("55 (a) b (x"),
    Buffer.from([0xff]),
    Buffer.from(`) ${fields}\n`),
  ]);
  assert.deepEqual(parseProcessStat(bytes), {
    name: "a) b (x\\xFF",
    state: "S",
    parent: 7,
    processGroup: 8,
    session: 9,
    userTicks: 11,
    systemTicks: 12,
    nice: -5,
    threads: 3,
    startTicks: 4242,
  });
  assert.equal(parseProcessStat(Buffer.from("55 (cut) S 7")), null);
  assert.equal(parseProcessStat(Buffer.from("")), null);
});

test("a process_uuid is the one that events carry", () => {
  // The value that test/addon/identity/uuid_test.cc holds the native side to.
  const uuid = processUuidsOf("86784522-62b6-406f-8e55-fc8b06906a13")(4242, 123456);
  assert.equal(uuid, "499712cf-58da-8609-ac00-007890001092");
});

test("addresses of /proc/net are shown as inet_ntop(3) does", () => {
  assert.equal(addressFromHex("0100007F"), "127.0.0.1");
  assert.equal(addressFromHex("00000000000000000000000001000000"), "::1");
  assert.equal(addressFromHex("00000000000000000000000000000000"), "::");
  assert.equal(addressFromHex("0000000000000000FFFF00000100007F"), "::ffff:127.0.0.1");
  assert.equal(addressFromHex("000080FE00000000FF00FC020100FEFF"), "fe80::2fc:ff:fffe:1");
  const text = (hex: string) => ipv6Text([...Buffer.from(hex, "hex")]);
  assert.equal(text("20010db8000000010001000100010001"), "2001:db8:0:1:1:1:1:1");
  assert.equal(text("20010db8000000000001000000000001"), "2001:db8::1:0:0:1");
  assert.equal(text("0000000000000000000000007f000001"), "::127.0.0.1");
});

test("processes that end during the scan are left out, and their parts are NULL", () => {
  const stat = `7 (gone) S 1 7 7 0 -1 0 0 0 0 0 1 2 0 0 20 0 1 0 100 0`;
  const files = { "proc/7/stat": stat, "proc/8/status": "Tgid:\t8\n", "proc/stat": "btime 1000\n" };
  const rows = rowsOn(files, "processes");
  assert.deepEqual(pick(rows, "pid", "name", "uid", "path", "on_disk", "start_time"), [
    [7, "gone", null, null, -1, 1001],
  ]);
});

test("process_tree is in the order of the tree, whatever the numbers and however deep", () => {
  const stat = (pid: number, parent: number, ticks: number) => [
    `proc/${pid}/stat`,
    `${pid} (p${pid}) S ${parent} 1 1 0 -1 0 0 0 0 0 1 2 0 0 20 0 1 0 ${ticks} 0`,
  ];
  const chain = Array.from({ length: 3000 }, (_, i) => stat(1000 + i, i === 0 ? 5 : 999 + i, 900));
  const files = Object.fromEntries([
    stat(1, 0, 1),
    stat(900, 1, 50),
    stat(5, 1, 800),
    stat(6, 900, 60),
    // Its parent has ended, and a younger process has that number.
    stat(7, 5, 70),
    // Its parent is gone.
    stat(8, 77, 80),
    ...chain,
  ]);
  const rows = rowsOn(files, "process_tree");
  const shown = pick(rows, "pid", "depth", "ancestor_pids", "children", "descendants");
  assert.deepEqual(shown.slice(0, 5), [
    [1, 0, "", 2, 3003],
    [900, 1, "1/", 1, 1],
    [6, 2, "1/900/", 0, 0],
    [5, 1, "1/", 1, 3000],
    [1000, 2, "1/5/", 1, 2999],
  ]);
  assert.deepEqual(
    shown.slice(-3).map(([pid, depth]) => [pid, depth]),
    [
      [3999, 3001],
      [7, 0],
      [8, 0],
    ],
  );
  assert.deepEqual(
    rows.map((row) => row["position"]),
    rows.map((_, i) => i),
  );
});

test("cmdline joins arguments, and a rewritten one loses its padding", () => {
  const stat = `7 (x) S 1 7 7 0 -1 0 0 0 0 0 1 2 0 0 20 0 1 0 100 0`;
  const rows = rowsOn({ "proc/7/stat": stat, "proc/7/cmdline": "a b\0-c\0\0\0" }, "processes");
  assert.equal(rows[0]?.["cmdline"], "a b -c");
});

test("users leaves out lines that are no accounts", () => {
  const passwd =
    "root:x:0:0:root:/root:/bin/sh\n+nis::::::\nbad:x:a:0::/:/\n\nbig:x:4294967294:1::/:\n";
  const rows = rowsOn({ "etc/passwd": passwd }, "users");
  assert.deepEqual(pick(rows, "username", "uid", "uid_signed", "shell"), [
    ["root", 0, 0, "/bin/sh"],
    ["big", 4_294_967_294, -2, ""],
  ]);
  assert.deepEqual(pick(rowsOn({ "etc/passwd": passwd }, "users", ["username", "big"]), "uid"), [
    [4_294_967_294],
  ]);
});

test("crontab knows events, five fields, comments and variables", () => {
  const text = "# c\nPATH=/bin\n@reboot root  run  it\n5 4 * * sun\troot echo hi\n*/5 * * * *\n";
  const columns = ["event", "minute", "hour", "day_of_week", "command", "path"];
  assert.deepEqual(pick(rowsOn({ "etc/cron.d/x": text }, "crontab"), ...columns), [
    ["@reboot", null, null, null, "root run it", "/etc/cron.d/x"],
    [null, "5", "4", "sun", "root echo hi", "/etc/cron.d/x"],
  ]);
});

test("sudoers follows includes, joins lines and skips comments", () => {
  const files = {
    "etc/sudoers":
      "# no\nDefaults env_reset\nroot ALL = \\\n  (ALL) ALL\n@includedir sudoers.d\n#include /etc/more\n",
    "etc/sudoers.d/one": "%wheel ALL=(ALL) NOPASSWD: ALL\n",
    "etc/sudoers.d/skipped.bak": "evil ALL=ALL\n",
    "etc/sudoers.d/skipped~": "evil ALL=ALL\n",
    "etc/more": "@include /etc/sudoers\nx y\n",
  };
  const rows = rowsOn(files, "sudoers").slice(0, 8);
  assert.deepEqual(pick(rows, "source", "header", "rule_details").slice(0, 7), [
    ["/etc/sudoers", "Defaults", "env_reset"],
    ["/etc/sudoers", "root", "ALL = (ALL) ALL"],
    ["/etc/sudoers", "@includedir", "sudoers.d"],
    ["/etc/sudoers.d/one", "%wheel", "ALL=(ALL) NOPASSWD: ALL"],
    ["/etc/sudoers", "#include", "/etc/more"],
    ["/etc/more", "@include", "/etc/sudoers"],
    ["/etc/sudoers", "Defaults", "env_reset"],
  ]);
});

test("os_version reads quotes, and a Red Hat release file wins as in osquery", () => {
  const release = 'NAME="My Linux"\nVERSION="3.2 (Moon)"\nID=my\nID_LIKE="a b"\nVERSION_ID="3.2"\n';
  const columns = ["name", "version", "major", "minor", "patch", "platform", "platform_like"];
  assert.deepEqual(pick(rowsOn({ "etc/os-release": release }, "os_version"), ...columns), [
    ["My Linux", "3.2 (Moon)", 3, 2, 0, "my", "a b"],
  ]);
  const redhat = {
    "etc/os-release": release,
    "etc/redhat-release": "CentOS Linux release 7.9.2009 (Core)\n",
  };
  assert.deepEqual(pick(rowsOn(redhat, "os_version"), ...columns), [
    ["CentOS Linux", "CentOS Linux release 7.9.2009 (Core)", 7, 9, 2009, "rhel", "rhel"],
  ]);
});

test("time is the host's clock in UTC", () => {
  const [row] = rowsOn({}, "time");
  assert.equal(row?.["timestamp"], "Sun Nov  1 07:03:06 2026 UTC");
  assert.equal(row?.["iso_8601"], "2026-11-01T07:03:06Z");
  assert.equal(row?.["weekday"], "Sunday");
});
