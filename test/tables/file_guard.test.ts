import assert from "node:assert/strict";
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { stateTables } from "../../src/tables/all.js";
import { type CallerRole, FileGuard } from "../../src/tables/file_guard.js";
import { openHost } from "../../src/tables/host.js";
import { equals, rowsOf } from "./table_rows.js";

const root = realpathSync(mkdtempSync(join(tmpdir(), "auditql-guard-")));
after(() => rmSync(root, { recursive: true }));
chmodSync(root, 0o755);

const uid = 4242;
const secret = "ssh-ed25519 SECRET-LINE-4711";

function write(path: string, text: string, mode = 0o644): string {
  const at = join(root, path);
  mkdirSync(dirname(at), { recursive: true, mode: 0o755 });
  writeFileSync(at, text, { mode });
  return at;
}

function linked(path: string, target: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true, mode: 0o755 });
  symlinkSync(target, join(root, path));
}

write("etc/passwd", `me:x:${uid}:${uid}::/home/me:/bin/sh\n`);
const shadow = write("etc/secret", `${secret}\n`, 0o600);
write("private/open", `${secret}\n`, 0o644);
chmodSync(join(root, "private"), 0o700);
write("state/token", `${secret}\n`);

function ask(role: CallerRole, name: string, constraint = equals("uid", uid)) {
  const guard = new FileGuard(-1);
  guard.begin({ role, protectedPaths: [join(root, "state")] });
  const host = openHost({ root, now: Date.now, daemonRows: () => ({}), guard });
  const table = stateTables.find(({ schema }) => schema.name === name);
  assert.ok(table !== undefined, name);
  return { text: JSON.stringify(rowsOf(table, [constraint], host)), refusals: guard.refusals };
}

/** Tables of what lies in a home, by a file that they show lines of. */
const places: Readonly<Record<string, string>> = {
  shell_history: "home/me/.bash_history",
  known_hosts: "home/me/.ssh/known_hosts",
  authorized_keys: "home/me/.ssh/authorized_keys",
  ssh_configs: "home/me/.ssh/config",
};

for (const [table, place] of Object.entries(places)) {
  test(`${table} tells the role read nothing that the owner of a home linked there and could not read`, () => {
    for (const [target, isProtected] of [
      ["/etc/secret", false],
      ["/private/open", false],
      ["/state/token", true],
    ] as const) {
      linked(place, target);
      const read = ask("read", table);
      assert.doesNotMatch(read.text, /SECRET-LINE/i, target);
      assert.equal(read.refusals.private + read.refusals.protected, 1);
      for (const role of ["admin", "schedule"] as const) {
        assert.equal(/SECRET-LINE/i.test(ask(role, table).text), !isProtected, `${role} ${target}`);
      }
      rmSync(join(root, place));
    }
  });
}

const canChown = process.geteuid?.() === 0 ? false : "needs root, to give files away";

test("the role read sees what the owner of a home owns there", { skip: canChown }, () => {
  const path = write("home/me/.bash_history", "make install\n", 0o600);
  assert.doesNotMatch(ask("read", "shell_history").text, /make install/);
  chownSync(path, uid, uid);
  assert.match(ask("read", "shell_history").text, /make install/);
});

test("startup items and packages of a home are read on its owner's behalf, too", () => {
  linked("home/me/.config/autostart/x.desktop", "/etc/entry");
  write("etc/entry", "Name=SECRET-NAME\nExec=/bin/x\n", 0o600);
  linked("home/me/.vscode/extensions/extensions.json", "/etc/extensions");
  write("etc/extensions", '[{"version":"SECRET-VERSION"}]', 0o600);
  for (const [table, word] of [
    ["startup_items", /SECRET-NAME/],
    ["vscode_extensions", /SECRET-VERSION/],
  ] as const) {
    assert.match(ask("admin", table).text, word);
    assert.doesNotMatch(ask("read", table).text, word);
  }
});

test("a folder of packages that the caller names tells the role read nothing that is linked there", () => {
  write("tmp/dpkg/status", "Package: p\nStatus: install ok installed\nVersion: 1\n\n");
  linked("tmp/dpkg/info/p.list", "/etc/secret");
  linked("tmp/status-only/status", "/etc/status");
  write("etc/status", "Package: SECRET-PACKAGE\nStatus: install ok installed\n\n", 0o600);
  linked("tmp/node/node_modules/p/package.json", "/etc/package.json");
  write("etc/package.json", '{"name":"SECRET-PACKAGE"}', 0o600);
  linked("tmp/python/p.dist-info/METADATA", "/etc/metadata");
  write("etc/metadata", "Name: SECRET-PACKAGE\n", 0o600);
  for (const [table, column, value] of [
    ["deb_package_files", "admindir", "/tmp/dpkg"],
    ["deb_packages", "admindir", "/tmp/status-only"],
    ["npm_packages", "directory", "/tmp/node"],
    ["python_packages", "directory", "/tmp/python"],
  ] as const) {
    const constraint = equals(column, value);
    assert.match(ask("admin", table, constraint).text, /SECRET-/, table);
    const read = ask("read", table, constraint);
    assert.doesNotMatch(read.text, /SECRET-/, table);
    assert.equal(read.refusals.private, 1, table);
  }
});

test("a file is known by what it is, not by its name", () => {
  linkSync(join(root, "state/token"), join(root, "etc/hard"));
  linked("etc/soft", "../state/token");
  for (const path of ["/state/token", "/etc/hard", "/etc/soft", "/etc/../state/token"]) {
    for (const role of ["admin", "schedule", "read"] as const) {
      const { text, refusals } = ask(role, "hash", equals("path", path));
      assert.equal(text, "[]", `${role} ${path}`);
      assert.equal(refusals.protected, 1);
    }
  }
  assert.match(ask("admin", "hash", equals("path", "/etc/secret")).text, /sha256/);
  assert.equal(ask("read", "hash", equals("path", "/etc/secret")).text, "[]");
  assert.match(ask("read", "hash", equals("path", "/etc/passwd")).text, /sha256/);
});

test("a file that becomes a secret is one from its first moment on", () => {
  const guard = new FileGuard(-1);
  guard.begin({ role: "admin", protectedPaths: [join(root, "state"), join(root, "later")] });
  const host = openHost({ root: "/", now: Date.now, daemonRows: () => ({}), guard });
  assert.notEqual(host.readText(shadow), null);
  write("state/new", secret);
  assert.equal(host.readText(join(root, "state/new")), null);
  guard.begin({ role: "admin", protectedPaths: [shadow] });
  assert.equal(host.readText(shadow), null);
});
