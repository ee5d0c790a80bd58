import assert from "node:assert/strict";
import { test } from "node:test";
import { pick, rowsOn } from "./made_up_host.js";

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

test("last and logged_in_users read utmp records", {
  skip: process.arch === "x64" ? false : "no x86 processor",
}, () => {
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
