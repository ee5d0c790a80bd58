import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { openHost } from "../../src/tables/host.js";
import { decodePath, encodePath, shownPath, shownText } from "../../src/tables/os_string.js";

const directory = realpathSync(mkdtempSync(join(tmpdir(), "auditql-host-")));
after(() => rmSync(directory, { recursive: true }));

const root = join(directory, "root");
mkdirSync(join(root, "etc/deep"), { recursive: true });
writeFileSync(join(directory, "secret"), "outside");
writeFileSync(join(root, "etc/plain"), "inside");
writeFileSync(join(root, "secret"), "the root's own");
const link = (target: string, at: string) => symlinkSync(target, join(root, at));
link("plain", "etc/relative");
link("/etc/plain", "etc/absolute");
link("../../../../../../secret", "etc/climbing");
link("/etc/deep/../absolute", "etc/chain");
link("loop", "etc/loop");
link("/", "etc/top");
execFileSync("mkfifo", [join(root, "etc/fifo")]);

const options = { now: Date.now, daemonRows: () => ({}) };
const host = openHost({ root, ...options });
const direct = openHost({ root: "/", ...options });

test("links of a tree lead nowhere outside of it", () => {
  assert.equal(host.readText("/etc/plain"), "inside");
  assert.equal(host.readText("/etc/relative"), "inside");
  assert.equal(host.readText("/etc/absolute"), "inside");
  assert.equal(host.readText("/etc/chain"), "inside");
  assert.equal(host.readText("/etc/climbing"), "the root's own");
  assert.equal(host.readText("/etc/top/etc/top/secret"), "the root's own");
  assert.equal(host.readText("/../secret"), "the root's own");
  assert.equal(host.readText("/etc/loop"), null);
});

test("links themselves are seen where they are asked for", () => {
  assert.equal(host.readLink("/etc/climbing"), "../../../../../../secret");
  assert.equal(host.lstat("/etc/loop")?.isSymbolicLink(), true);
  assert.equal(host.stat("/etc/loop"), null);
  assert.equal(host.stat("/etc/top")?.isDirectory(), true);
  assert.deepEqual([...host.list("/etc/top")].sort(), ["etc", "secret"]);
});

test("walks leave no descriptor open", () => {
  // Node opens and closes descriptors of its own meanwhile; these are below the root.
  const open = () =>
    direct
      .list("/proc/self/fd")
      .map((fd) => direct.readLink(`/proc/self/fd/${fd}`) ?? "")
      .filter((path) => path === root || path.startsWith(`${root}/`)).length;
  const before = open();
  for (const path of ["/etc/chain", "/etc/loop", "/none/x", "/etc/plain/x", "/etc/fifo"]) {
    host.readText(path);
    host.stat(path);
    host.list(path);
    host.readLink(path);
  }
  assert.equal(open(), before);
});

test("a FIFO or a device where a file is expected is not opened", () => {
  for (const reader of [host, openHost({ root: "/", ...options })]) {
    const prefix = reader === host ? "" : root;
    assert.equal(reader.readText(`${prefix}/etc/fifo`), null);
    assert.equal(reader.openFile(`${prefix}/etc/fifo`), null);
  }
  assert.equal(direct.readText("/dev/zero"), null);
  assert.equal(direct.readText("/etc"), null);
});

test("paths that name nothing are null, with a NUL in them too", () => {
  for (const path of ["/none", "/none/x", "/etc/passwd/x", "/etc/pass\0wd", "x".repeat(5000)]) {
    assert.equal(direct.readText(path), null);
    assert.equal(direct.stat(path), null);
    assert.deepEqual(direct.list(path), []);
  }
});

test("names that are not UTF-8 open their file and are shown as bytes", () => {
  const name = Buffer.from([0x61, 0xff, 0xc3, 0xa4, 0xc3]);
  writeFileSync(Buffer.concat([Buffer.from(`${root}/etc/deep/`), name]), "odd");
  for (const [reader, folder] of [
    [direct, `${root}/etc/deep`],
    [host, "/etc/deep"],
  ] as const) {
    const [listed = ""] = reader.list(folder);
    assert.equal(shownPath(listed), "a\\xFFä\\xC3");
    assert.equal(reader.readText(`${folder}/${listed}`), "odd");
    assert.equal(reader.stat(`${folder}/${listed}`)?.size, 3n);
  }
});

test("every byte string survives as a path", () => {
  for (let round = 0; round < 300; round++) {
    const bytes = Buffer.from(
      Array.from({ length: round % 23 }, (_, at) => 1 + ((round * 31 + at * 97) % 255)),
    );
    const decoded = decodePath(bytes);
    assert.deepEqual(Buffer.from(encodePath(decoded)), bytes);
    assert.doesNotMatch(shownPath(decoded), /\p{Surrogate}/u);
    assert.equal(shownText(bytes), shownPath(decoded));
  }
});
