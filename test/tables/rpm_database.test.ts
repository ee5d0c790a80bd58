// auditql-demo.rpmheader is what rpm 4.18 stored of a package with two files; .Packages is the
// same header in a hash database that Berkeley DB 5.3's db_load wrote.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import Database from "better-sqlite3";
import { RpmHeader } from "../../src/tables/packages/rpm_header.js";
import { pick, rowsOn } from "./made_up_host.js";

const testdata = (name: string): Buffer =>
  readFileSync(join(process.cwd(), "test/testdata/tables", name));
const header = testdata("auditql-demo.rpmheader");

function sqliteDatabase(journal: "wal" | "delete"): Buffer {
  const directory = mkdtempSync(join(tmpdir(), "auditql-rpm-"));
  const path = join(directory, "rpmdb.sqlite");
  try {
    const database = new Database(path);
    database.pragma(`journal_mode = ${journal}`);
    database.exec("CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB)");
    database.prepare("INSERT INTO Packages VALUES (1, ?)").run(header);
    database.close();
    return readFileSync(path);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** As rpm's lib/backend/ndb/rpmpkg.c lays it out: a page of slots, then blobs. */
function ndbDatabase(): Buffer {
  const file = Buffer.alloc(4096 + 16 + header.length);
  file.write("RpmP", 0, "latin1");
  file.writeUInt32LE(1, 12);
  file.write("Slot", 32, "latin1");
  file.writeUInt32LE(1, 36);
  file.writeUInt32LE(4096 / 16, 40);
  file.write("BlbS", 4096, "latin1");
  file.writeUInt32LE(1, 4100);
  file.writeUInt32LE(header.length, 4108);
  header.copy(file, 4112);
  return file;
}

const databases: Readonly<Record<string, Readonly<Record<string, Buffer>>>> = {
  "SQLite with a write-ahead log": { "var/lib/rpm/rpmdb.sqlite": sqliteDatabase("wal") },
  "SQLite without one": { "usr/lib/sysimage/rpm/rpmdb.sqlite": sqliteDatabase("delete") },
  ndb: { "usr/lib/sysimage/rpm/Packages.db": ndbDatabase() },
  "Berkeley DB": { "var/lib/rpm/Packages": testdata("auditql-demo.Packages") },
};

for (const [kind, files] of Object.entries(databases)) {
  test(`packages and their files are read from ${kind}, as rpm -q shows them`, () => {
    assert.deepEqual(rowsOn(files, "rpm_packages"), [
      {
        name: "auditql-demo",
        version: "1.2.3",
        release: "4",
        source: "auditql-demo-1.2.3-4.src.rpm",
        size: 16,
        sha1: "acc4ffd17bbd20cc189cae43d7fa1b22d310e3ef",
        arch: "noarch",
        epoch: 5,
        install_time: 1795253289,
        vendor: "The vendor",
        package_group: "Testing",
        pid_with_namespace: 0,
        mount_namespace_id: null,
      },
    ]);
    const digest = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";
    assert.deepEqual(
      pick(rowsOn(files, "rpm_package_files"), "path", "username", "mode", "size").concat(
        pick(rowsOn(files, "rpm_package_files").slice(1, 2), "sha256"),
      ),
      [
        ["/opt/auditql-demo", "root", "drwxr-xr-x", 0],
        ["/opt/auditql-demo/hello", "root", "-rw-r--r--", 6],
        ["/opt/auditql-demo/run", "root", "-rwsr-xr-x", 10],
        [digest],
      ],
    );
    assert.deepEqual(rowsOn(files, "rpm_packages", ["name", "bash"]), []);
  });
}

test("a header that is cut anywhere gives values or none, and no error", () => {
  for (let length = 0; length <= header.length; length += 7) {
    const parsed = RpmHeader.parse(header.subarray(0, length));
    assert.equal(parsed, null, String(length));
  }
  // Lengths that lie: the index says more than the data holds.
  for (let at = 8; at < 400; at++) {
    const bent = Buffer.from(header);
    bent[at] = 0xff;
    const parsed = RpmHeader.parse(bent);
    for (const tag of [1000, 1117, 1116, 1028, 1030] as const) {
      parsed?.strings(tag);
      parsed?.numbers(tag);
    }
  }
});

test("a damaged database has the packages that can be read, and ends", () => {
  for (const [path, bytes] of Object.values(databases).flatMap((files) => Object.entries(files))) {
    for (let at = 0; at < bytes.length; at += 97) {
      const bent = Buffer.from(bytes);
      bent.fill(0xff, at, at + 4);
      assert.ok(rowsOn({ [path]: bent }, "rpm_packages").length <= 2, `${path} ${at}`);
    }
  }
});
