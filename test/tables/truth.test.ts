// Rows compared with what an independent tool says of the same host.
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import type { Host } from "../../src/tables/host.js";
import { column, lines, needs, output, table } from "./independent_source.js";
import { lastingDifferences } from "./lasting_differences.js";
import { equals, hostBelow, like, rowsOf, thisHost } from "./table_rows.js";

const folder = mkdtempSync(join(tmpdir(), "auditql-truth-"));
after(() => rmSync(folder, { recursive: true }));

/** Accounts and groups have an order, that of the file. */
const inOrder = (entries: readonly string[]) => entries.map((entry, at) => `${at} ${entry}`);

test("users and groups equal getent's local entries", { skip: needs("getent") }, () => {
  const entries = (database: string) => lines(output("getent", "-s", "files", database));
  const fields = ["uid", "gid", "description", "directory", "shell"];
  const users = lastingDifferences(
    () => inOrder(entries("passwd")),
    () =>
      inOrder(
        rowsOf(table("users")).map((row) =>
          [row["username"], "x", ...fields.map((name) => row[name])].join(":"),
        ),
      ),
  );
  assert.deepEqual(users, []);
  const groups = lastingDifferences(
    () =>
      entries("group").map((line) => {
        const [name, , gid] = line.split(":");
        return `${name} ${gid}`;
      }),
    () => rowsOf(table("groups")).map((row) => `${row["groupname"]} ${row["gid"]}`),
  );
  assert.deepEqual(groups, []);
});

test("user_groups equals id", { skip: needs("id") }, () => {
  const users = rowsOf(table("users")).map((row) => [String(row["username"]), Number(row["uid"])]);
  const differences = lastingDifferences(
    () =>
      users.flatMap(([name]) =>
        // An account that is gone meanwhile has no groups.
        lines(output("sh", "-c", 'id -G -- "$1" 2>/dev/null || true', "sh", String(name))).flatMap(
          (ids) => ids.split(" ").map((gid) => `${name} ${gid}`),
        ),
      ),
    () =>
      users.flatMap(([name, uid]) =>
        column(rowsOf(table("user_groups"), [equals("uid", Number(uid))]), "gid").map(
          (gid) => `${name} ${gid}`,
        ),
      ),
  );
  assert.deepEqual(differences, []);
});

test("file equals stat", { skip: needs("stat") }, () => {
  const [sticky, plain, link] = ["sticky", "plain", "link"].map((name) => join(folder, name));
  assert.ok(sticky !== undefined && plain !== undefined && link !== undefined);
  mkdirSync(sticky);
  chmodSync(sticky, 0o1777);
  writeFileSync(plain, "content");
  chmodSync(plain, 0o4751);
  symlinkSync(plain, link);
  const paths = [sticky, plain, link, "/etc/passwd", "/dev/null", "/bin/sh"];
  const columns = ["inode", "uid", "gid", "mode", "size", "block_size"];
  columns.push("atime", "mtime", "ctime", "hard_links");
  const format = "%i %u %g %04a %s %o %X %Y %Z %h";
  const isLink = (path: string) => output("stat", "-c", "%F", path).includes("link");
  const differences = lastingDifferences(
    () =>
      paths.flatMap((path) => {
        const values = output("stat", "-L", "-c", format, path).trim().split(" ");
        const line = (name: string, value: unknown) => `${path} ${name} ${value}`;
        return [
          ...columns.map((name, at) => line(name, values[at])),
          line("symlink", isLink(path) ? 1 : 0),
        ];
      }),
    () =>
      paths.flatMap((path) => {
        const [row] = rowsOf(table("file"), [equals("path", path)]);
        return [...columns, "symlink"].map((name) => `${path} ${name} ${row?.[name]}`);
      }),
  );
  assert.deepEqual(differences, []);
});

test("file with a pattern equals find, hidden names apart", { skip: needs("find") }, () => {
  const paths = (pattern: string) =>
    column(rowsOf(table("file"), [like("path", pattern)]), "path").map((path) =>
      path.replace(/\/$/, ""),
    );
  const found = (command: string) => lines(output("sh", "-c", command));
  const one = lastingDifferences(
    () => found("ls -d /etc/*"),
    () => paths("/etc/%"),
  );
  assert.deepEqual(one, []);
  const all = lastingDifferences(
    () => found("find -L /etc/ssl -mindepth 1 2>/dev/null || true"),
    () => paths("/etc/ssl/%%"),
  );
  assert.deepEqual(all, []);
});

test("hash equals sha256sum, sha1sum and md5sum", { skip: needs("sha256sum") }, () => {
  // Longer than what is read at once, and not a multiple of it.
  const long = join(folder, "long");
  writeFileSync(long, Buffer.alloc(5_000_001, "content"));
  const files = ["/etc/passwd", "/bin/sh", long];
  for (const name of ["sha256", "sha1", "md5"]) {
    const differences = lastingDifferences(
      () => lines(output(`${name}sum`, ...files)),
      () =>
        rowsOf(table("hash"), [equals("path", ...files)]).map(
          (row) => `${row[name]}  ${row["path"]}`,
        ),
    );
    assert.deepEqual(differences, []);
  }
});

test("hash refuses what is no regular file", () => {
  const paths = ["/etc", "/dev/zero", "/nonexistent", "/proc/self/fd/0\0"];
  assert.deepEqual(rowsOf(table("hash"), [equals("path", ...paths)]), []);
});

test("deb_packages equals dpkg-query", { skip: needs("dpkg-query") }, () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own form.
  const format = "${Package} ${Version} ${Architecture} ${Status}\\n";
  const differences = lastingDifferences(
    () => lines(output("dpkg-query", "-W", "-f", format)),
    () =>
      rowsOf(table("deb_packages")).map((row) =>
        [row["name"], row["version"], row["arch"], row["status"]].join(" "),
      ),
  );
  assert.deepEqual(differences, []);
});

test("deb_package_files equals dpkg-query -L", { skip: needs("dpkg-query") }, () => {
  const names = ["libc6", "bash"];
  const differences = lastingDifferences(
    () =>
      names
        .flatMap((name) => lines(output("dpkg-query", "-L", name)))
        .filter((path) => path.startsWith("/")),
    () => column(rowsOf(table("deb_package_files"), [equals("package", ...names)]), "path"),
  );
  assert.deepEqual(differences, []);
});

/** Paths, owners and bits of programs that run as another, as find prints them. */
function privileged(...folders: string[]): string[] {
  // A slash at its end makes find enter a folder that is a link; which links lead to such a
  // program only a find that follows them can tell.
  const below = folders.map((path) => `'${path}/'`).join(" ");
  const asked = 'find -L "$@" -maxdepth 0 -perm /6000 -printf "%m %u %g %p\\n"';
  const found = `find ${below} -xtype f -print0 2>/dev/null | xargs -0 sh -c '${asked}' sh`;
  return lines(output("sh", "-c", `${found} || true`)).map((line) => {
    const bits = Number(line[0]);
    return `${bits & 4 ? "S" : ""}${bits & 2 ? "G" : ""}${line.slice(line.indexOf(" "))}`;
  });
}

const suidBin = (host: Host) =>
  rowsOf(table("suid_bin"), [], host).map(
    (row) => `${row["permissions"]} ${row["username"]} ${row["groupname"]} ${row["path"]}`,
  );

test("suid_bin equals find on this host", { skip: needs("find") }, () => {
  const [bin, sbin] = ["/bin", "/sbin"];
  const folders = ["", "/usr", "/usr/local"].flatMap((at) => [`${at}${bin}`, `${at}${sbin}`]);
  // What lies in /tmp may be much; the next test makes its own.
  const list = (path: string) => (path === "/tmp" ? [] : thisHost.list(path));
  const differences = lastingDifferences(
    () => privileged(...folders),
    () => suidBin({ ...thisHost, list }),
  );
  assert.deepEqual(differences, []);
});

test("suid_bin equals find in a tree with each kind of file", { skip: needs("find") }, () => {
  const root = join(folder, "suid");
  const file = (path: string, mode: number) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), "");
    chmodSync(join(root, path), mode);
  };
  for (const name of ["passwd", "group"]) file(`etc/${name}`, 0o644);
  for (const name of ["passwd", "group"]) {
    writeFileSync(join(root, `etc/${name}`), output("getent", "-s", "files", name));
  }
  file("usr/bin/plain", 0o1755);
  file("usr/bin/user", 0o4755);
  file("usr/local/sbin/group", 0o2755);
  file("tmp/deep/down/both", 0o6700);
  symlinkSync("../usr/bin/user", join(root, "tmp/link"));
  symlinkSync("deep", join(root, "tmp/to-folder"));
  symlinkSync("nowhere", join(root, "tmp/dangling"));
  chmodSync(join(root, "tmp/deep"), 0o6755);
  const folders = ["usr/bin", "usr/local/sbin", "tmp"].map((path) => join(root, path));
  const expected = privileged(...folders).map((line) => line.replace(root, ""));
  assert.equal(expected.length, 4);
  assert.deepEqual(suidBin(hostBelow(root)).sort(), expected.sort());
});
