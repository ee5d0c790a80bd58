import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { stateTables } from "../../src/tables/all.js";
import { addressFromHex, ipv6Text } from "../../src/tables/sources/ip_address.js";
import { parseProcessStat } from "../../src/tables/sources/process_stat.js";
import { processUuidsOf } from "../../src/tables/sources/process_uuid.js";
import { type AnyRow, equals, hostBelow, rowsOf } from "./table_rows.js";

type Files = Readonly<Record<string, string | Buffer>>;

/** Rows of a table on a host that has these files only. */
function rowsOn(files: Files, name: string, ...constraints: Parameters<typeof equals>[]): AnyRow[] {
  const root = mkdtempSync(join(tmpdir(), "auditql-tables-"));
  try {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
    }
    const table = stateTables.find(({ schema }) => schema.name === name);
    assert.ok(table !== undefined, name);
    const asked = constraints.map((constraint) => equals(...constraint));
    return rowsOf(
      table,
      asked,
      hostBelow(root, () => Date.UTC(2026, 10, 1, 7, 3, 6)),
    );
  } finally {
    rmSync(root, { recursive: true });
  }
}

const pick = (rows: readonly AnyRow[], ...columns: string[]) =>
  rows.map((row) => columns.map((column) => row[column] ?? null));

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

test("shell_history knows the times of bash and of zsh", () => {
  const uid = process.getuid?.() ?? 0;
  const files = {
    "etc/passwd": `me:x:${uid}:0::/home/me:/bin/sh\n`,
    "home/me/.bash_history": "#1700000000\nls -l\n#not a time\necho\n",
    "home/me/.zsh_history": ": 1700000001:0;cd /\n",
  };
  assert.deepEqual(pick(rowsOn(files, "shell_history"), "time", "command"), [
    [1_700_000_000, "ls -l"],
    [0, "#not a time"],
    [0, "echo"],
    [1_700_000_001, "cd /"],
  ]);
});

test("authorized_keys separates options, type, key and comment", () => {
  const uid = process.getuid?.() ?? 0;
  const key =
    'command="echo \\"x\\"",no-pty ssh-ed25519 AAAAC3Nza me@host and more\n# c\nssh-rsa AAAAB3\n';
  const files = {
    "etc/passwd": `me:x:${uid}:0::/home/me:/bin/sh\n`,
    "home/me/.ssh/authorized_keys": key,
  };
  const columns = ["options", "algorithm", "key", "comment"];
  assert.deepEqual(pick(rowsOn(files, "authorized_keys"), ...columns), [
    ['command="echo \\"x\\"",no-pty', "ssh-ed25519", "AAAAC3Nza", "me@host and more"],
    [null, "ssh-rsa", "AAAAB3", null],
  ]);
});

test("last and logged_in_users read utmp records", { skip: process.arch !== "x64" }, () => {
  const record = (type: number, user: string, seconds: number): Buffer => {
    const bytes = Buffer.alloc(384);
    bytes.writeInt16LE(type, 0);
    bytes.writeInt32LE(4242, 4);
    bytes.write("pts/0", 8);
    bytes.write(user, 44);
    bytes.write("10.0.0.1", 76);
    bytes.writeInt32LE(seconds, 340);
    return bytes;
  };
  const many = Array.from({ length: 600 }, (_, at) => record(7, `user${at}`, at));
  const wtmp = Buffer.concat([
    record(2, "reboot", 1),
    ...many,
    record(8, "", 9),
    Buffer.alloc(100),
  ]);
  const rows = rowsOn({ "var/log/wtmp": wtmp }, "last");
  assert.equal(rows.length, 601);
  assert.deepEqual(pick(rows.slice(0, 1), "username", "tty", "pid", "type_name", "time", "host"), [
    ["user0", "pts/0", 4242, "user-process", 0, "10.0.0.1"],
  ]);
  const utmp = rowsOn({ "run/utmp": record(7, "me", 5) }, "logged_in_users");
  assert.deepEqual(pick(utmp, "type", "user", "time"), [["user", "me", 5]]);
});

test("dns_resolvers applies the limits and defaults of the C library", () => {
  const text =
    "nameserver 1.1.1.1\nnameserver 2.2.2.2 \n#nameserver 9.9.9.9\nnameserver ::1\nnameserver 4.4.4.4\ndomain a\nsearch b c\noptions rotate ndots:5\n";
  const rows = rowsOn({ "etc/resolv.conf": text }, "dns_resolvers");
  assert.deepEqual(pick(rows, "id", "type", "address", "options"), [
    [0, "nameserver", "1.1.1.1", 0x42c1],
    [1, "nameserver", "2.2.2.2", 0x42c1],
    [2, "nameserver", "::1", 0x42c1],
    [0, "search", "b", 0x42c1],
    [1, "search", "c", 0x42c1],
  ]);
  assert.deepEqual(pick(rowsOn({}, "dns_resolvers"), "address"), [["127.0.0.1"]]);
});

test("pci_devices takes names from pci.ids", () => {
  const at = "sys/bus/pci/devices/0000:00:01.0";
  const files = {
    [`${at}/vendor`]: "0x8086\n",
    [`${at}/device`]: "0x1237\n",
    [`${at}/class`]: "0x060000\n",
    [`${at}/subsystem_vendor`]: "0x1af4\n",
    [`${at}/subsystem_device`]: "0x1100\n",
    "usr/share/misc/pci.ids":
      "# x\n1af4  Red Hat, Inc.\n8086  Intel Corporation\n\t1237  440FX\n\t\t1af4 1100  Qemu\nC 06  Bridge\n\t00  Host bridge\n",
  };
  const columns = ["vendor", "vendor_id", "model", "pci_class", "pci_subclass", "subsystem_model"];
  assert.deepEqual(pick(rowsOn(files, "pci_devices"), ...columns), [
    ["Intel Corporation", "0x8086", "440FX", "Bridge", "Host bridge", "Qemu"],
  ]);
});

test("system_controls shows what files configure beside what is", () => {
  const files = {
    "proc/sys/net/ipv4/ip_forward": "1\n",
    "proc/sys/net/ipv4/conf/eth0.5/forwarding": "0\n",
    "etc/sysctl.conf": "# c\nnet.ipv4.ip_forward = 0\n-net/ipv4/ip_forward=1\n",
  };
  const rows = rowsOn(files, "system_controls");
  assert.deepEqual(pick(rows, "name", "current_value", "config_value").sort(), [
    ["net.ipv4.conf.eth0/5.forwarding", "0", null],
    ["net.ipv4.ip_forward", "1", "1"],
  ]);
  const one = rowsOn(files, "system_controls", ["name", "net.ipv4.ip_forward"]);
  assert.equal(one.length, 1);
  assert.deepEqual(rowsOn(files, "system_controls", ["name", "..//etc"]), []);
});

test("browser extensions are read from profiles, with their identifier and messages", () => {
  const uid = process.getuid?.() ?? 0;
  const profile = "home/me/.config/google-chrome/Default";
  const manifest = {
    name: "__MSG_appName__",
    version: "1.2",
    default_locale: "en",
    // Identifiers are letters a to p for the digits of the key's SHA-256.
    key: Buffer.from("key").toString("base64"),
    permissions: ["tabs", { odd: true }, "storage"],
    content_scripts: [{ matches: ["https://*/*"], js: ["a.js", "b.js"] }],
  };
  const at = `${profile}/Extensions/abc/1.2_0`;
  const settings = { abc: { path: "abc/1.2_0", state: 1, install_time: "13300000000000000" } };
  const files = {
    "etc/passwd": `me:x:${uid}:0::/home/me:/bin/sh\n`,
    [`${profile}/Preferences`]: JSON.stringify({
      profile: { name: "Me" },
      extensions: { settings },
    }),
    [`${at}/manifest.json`]: JSON.stringify(manifest),
    [`${at}/_locales/en/messages.json`]: '{"appname":{"message":"An App"}}',
    [`${profile}/Extensions/left/1_0/manifest.json`]: '{"name":"Left","version":"1"}',
    [`${profile}/Extensions/broken/1_0/manifest.json`]: '{"name":',
  };
  const columns = ["name", "version", "profile", "referenced", "permissions", "install_timestamp"];
  assert.deepEqual(pick(rowsOn(files, "chrome_extensions"), ...columns), [
    ["An App", "1.2", "Me", 1, "tabs, storage", 13_300_000_000 - 11_644_473_600],
    ["Left", "1", "Me", 0, "", 0],
  ]);
  const [row] = rowsOn(files, "chrome_extensions");
  assert.match(String(row?.["identifier"]), /^[a-p]{32}$/);
  const scripts = rowsOn(files, "chrome_extension_content_scripts");
  assert.deepEqual(pick(scripts, "script", "match"), [
    ["a.js", "https://*/*"],
    ["b.js", "https://*/*"],
  ]);
});

test("firefox_addons reads extensions.json of every profile", () => {
  const uid = process.getuid?.() ?? 0;
  const addon = {
    id: "x@y",
    type: "extension",
    version: "2",
    active: true,
    userDisabled: false,
    defaultLocale: { name: "Addon", creator: "Someone" },
  };
  const files = {
    "etc/passwd": `me:x:${uid}:0::/home/me:/bin/sh\n`,
    "home/me/.mozilla/firefox/p.default/extensions.json": JSON.stringify({ addons: [addon] }),
  };
  const columns = ["name", "identifier", "creator", "active", "disabled", "visible"];
  assert.deepEqual(pick(rowsOn(files, "firefox_addons"), ...columns), [
    ["Addon", "x@y", "Someone", 1, 0, 0],
  ]);
});
