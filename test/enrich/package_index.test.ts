import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { PackageIndex } from "../../src/enrich/package_index.js";
import { PackagePathIndex } from "../../src/enrich/package_path_index.js";
import { openHost } from "../../src/tables/host.js";

const status = `Package: coreutils
Status: install ok installed
Architecture: amd64
Version: 9.1-1

Package: libc6
Status: install ok installed
Architecture: amd64
Version: 2.36-9

Package: mine
Status: install ok installed
Architecture: all
Version: 1
`;

/** A host with dpkg's database, merged /usr and a diversion. */
function debianHost(context: TestContext) {
  const root = mkdtempSync(join(tmpdir(), "auditql-packages-"));
  context.after(() => rmSync(root, { recursive: true, force: true }));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  mkdirSync(join(root, "usr/bin"), { recursive: true });
  symlinkSync("usr/bin", join(root, "bin"));
  write("var/lib/dpkg/status", status);
  write("var/lib/dpkg/info/coreutils.list", "/.\n/bin\n/bin/ls\n/usr/bin/sum\n/usr/bin/which\n");
  write("var/lib/dpkg/info/libc6:amd64.list", "/usr/lib/x86_64-linux-gnu/libc.so.6\n");
  write("var/lib/dpkg/info/mine.list", "/usr/bin/which\n");
  write("var/lib/dpkg/diversions", "/usr/bin/which\n/usr/bin/which.coreutils\nmine\n");
  const clock = { nowMs: 0 };
  const host = openHost({ root, now: Date.now, daemonRows: () => ({}) });
  const index = new PackageIndex({ host, now: () => clock.nowMs, onSpent: () => {} });
  return { index, clock, write };
}

test("the owner of a path is found through dpkg's lists", async (context) => {
  const { index } = debianHost(context);
  assert.deepEqual(await index.ownerOf("/usr/bin/sum"), {
    name: "coreutils",
    version: "9.1-1",
    type: "deb",
  });
  assert.equal((await index.ownerOf("/usr/lib/x86_64-linux-gnu/libc.so.6"))?.name, "libc6");
  assert.equal(await index.ownerOf("/usr/bin/nobody"), null);
});

test("a file listed in a directory that is a link into /usr is found where it is", async (context) => {
  const { index } = debianHost(context);
  assert.equal((await index.ownerOf("/usr/bin/ls"))?.name, "coreutils");
});

test("a diverted path belongs to who diverted it, and the other name to who had it", async (context) => {
  const { index } = debianHost(context);
  assert.equal((await index.ownerOf("/usr/bin/which"))?.name, "mine");
  assert.equal((await index.ownerOf("/usr/bin/which.coreutils"))?.name, "coreutils");
});

test("a changed database is read again, though not at once", async (context) => {
  const { index, clock, write } = debianHost(context);
  assert.equal(await index.ownerOf("/usr/bin/new"), null);
  write("var/lib/dpkg/info/mine.list", "/usr/bin/which\n/usr/bin/new\n");
  write("var/lib/dpkg/status", status.replace("Version: 1\n", "Version: 2.0\n"));
  clock.nowMs += 5000;
  assert.equal(await index.ownerOf("/usr/bin/new"), null);
  clock.nowMs += 6000;
  assert.deepEqual(await index.ownerOf("/usr/bin/new"), {
    name: "mine",
    version: "2.0",
    type: "deb",
  });
});

test("many paths keep their owners, and the first owner keeps a path", () => {
  const owners = new PackagePathIndex();
  const numbers = [0, 1, 2].map((n) =>
    owners.addPackage({ name: `p${n}`, version: "1", type: "rpm" }),
  );
  for (let i = 0; i < 60_000; i++) owners.add(`/usr/share/doc/${i}`, numbers[i % 3] ?? 0);
  owners.add("/usr/share/doc/0", numbers[1] ?? 0);
  assert.equal(owners.size, 60_000);
  for (let i = 0; i < 60_000; i += 1009) {
    assert.equal(owners.find(`/usr/share/doc/${i}`)?.name, `p${i % 3}`);
  }
  assert.equal(owners.find("/usr/share/doc/60000"), null);
});
