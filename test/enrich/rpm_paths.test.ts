import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { PackageIndex } from "../../src/enrich/package_index.js";
import { openHost } from "../../src/tables/host.js";

const skip =
  spawnSync("rpmbuild", ["--version"]).error === undefined
    ? false
    : "needs rpm and rpmbuild (apt install rpm)";
if (skip) console.log(`skipped: owners in a database that rpm wrote (${skip})`);

function scratch(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "auditql-rpm-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Owners of files on the host below `root`, by a clock that the test moves. */
function ownersOn(root: string) {
  const clock = { nowMs: 0 };
  const host = openHost({ root, now: Date.now, daemonRows: () => ({}) });
  const index = new PackageIndex({ host, now: () => clock.nowMs, onSpent: () => {} });
  return { index, clock };
}

const spec = (version: string, files: readonly string[]) => `
Name: tools
Version: ${version}
Release: 7
Epoch: 3
Summary: Tools
License: none
BuildArch: noarch
%description
Tools.
%install
${files.map((file) => `install -D /dev/null %{buildroot}${file}`).join("\n")}
%files
${files.join("\n")}
`;

/** What it says on standard error is shown when it fails. */
function run(program: string, args: readonly string[]): void {
  execFileSync(program, args, { stdio: ["ignore", "ignore", "pipe"] });
}

/** Builds a package and puts it, or the newer version of it, into the database of the root. */
function installPackage(root: string, version: string, files: readonly string[]): void {
  const top = mkdtempSync(join(tmpdir(), "auditql-rpmbuild-"));
  try {
    const path = join(top, "tools.spec");
    writeFileSync(path, spec(version, files));
    run("rpmbuild", ["-bb", "--quiet", "--define", `_topdir ${top}`, path]);
    const built = join(top, "RPMS/noarch", `tools-${version}-7.noarch.rpm`);
    const database = ["--dbpath", join(root, "var/lib/rpm")];
    run("rpm", [...database, "--justdb", "--nodeps", "--nosignature", "-U", built]);
  } finally {
    rmSync(top, { recursive: true });
  }
}

test("the owner of a path is found in the database that rpm itself wrote, and after its upgrade", {
  skip,
}, async (t) => {
  const root = scratch(t);
  mkdirSync(join(root, "var/lib/rpm"), { recursive: true });
  installPackage(root, "1.0", ["/usr/bin/tool", "/opt/tools/deep/er/tool"]);
  const { index, clock } = ownersOn(root);
  const first = { name: "tools", version: "1.0-7", type: "rpm" };
  assert.deepEqual(await index.ownerOf("/usr/bin/tool"), first);
  assert.deepEqual(await index.ownerOf("/opt/tools/deep/er/tool"), first);
  assert.equal(await index.ownerOf("/usr/bin/other"), null);
  installPackage(root, "2.0", ["/usr/bin/tool", "/usr/bin/other"]);
  clock.nowMs += 20_000;
  const second = { ...first, version: "2.0-7" };
  assert.deepEqual(await index.ownerOf("/usr/bin/other"), second);
  assert.deepEqual(await index.ownerOf("/usr/bin/tool"), second);
  assert.equal(await index.ownerOf("/opt/tools/deep/er/tool"), null);
  const listed = execFileSync("rpm", ["--dbpath", join(root, "var/lib/rpm"), "-ql", "tools"]);
  assert.deepEqual(listed.toString().trim().split("\n"), ["/usr/bin/other", "/usr/bin/tool"]);
});

test("the owner of a path is found in rpm's older database of Berkeley DB", async (t) => {
  const root = scratch(t);
  mkdirSync(join(root, "var/lib/rpm"), { recursive: true });
  copyFileSync(
    join(process.cwd(), "test/testdata/tables/auditql-demo.Packages"),
    join(root, "var/lib/rpm/Packages"),
  );
  const { index } = ownersOn(root);
  assert.deepEqual(await index.ownerOf("/opt/auditql-demo/run"), {
    name: "auditql-demo",
    version: "1.2.3-4",
    type: "rpm",
  });
  assert.equal(await index.ownerOf("/opt/auditql-demo/other"), null);
});
