import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { LogFile, type LogFileOptions } from "../../src/log/log_file.js";
import { temporaryFolder } from "../config/temporary_folder.js";

function logFile(folder: string, changes: Partial<LogFileOptions> = {}): LogFile {
  return new LogFile({
    path: join(folder, "results.log"),
    mode: 0o600,
    rotation: { maxBytes: 0, maxAgeSeconds: 0, maxFiles: 25 },
    fsync: "never",
    now: () => Date.now(),
    ...changes,
  });
}

test("files are private to their owner unless a mode is asked for", async (context) => {
  const folder = temporaryFolder(context);
  const file = logFile(folder);
  await file.append(Buffer.from("a\n"));
  assert.equal(statSync(join(folder, "results.log")).mode & 0o777, 0o600);
  await file.close();
  const open = logFile(folder, { mode: 0o640 });
  await open.append(Buffer.from("b\n"));
  await open.close();
  assert.equal(statSync(join(folder, "results.log")).mode & 0o777, 0o640);
});

test("a file that was moved away or deleted is opened anew", async (context) => {
  const folder = temporaryFolder(context);
  const path = join(folder, "results.log");
  const file = logFile(folder);
  await file.append(Buffer.from("1\n"));
  renameSync(path, join(folder, "moved"));
  await file.append(Buffer.from("2\n"));
  rmSync(path);
  await file.append(Buffer.from("3\n"));
  await file.close();
  assert.equal(readFileSync(join(folder, "moved"), "utf8"), "1\n");
  assert.equal(readFileSync(path, "utf8"), "3\n");
});

test("a directory in its place refuses lines until it is gone", async (context) => {
  const folder = temporaryFolder(context);
  const path = join(folder, "results.log");
  mkdirSync(path);
  const file = logFile(folder);
  await assert.rejects(file.append(Buffer.from("1\n")), { code: "EISDIR" });
  rmSync(path, { recursive: true });
  await file.append(Buffer.from("1\n"));
  await file.close();
  assert.equal(readFileSync(path, "utf8"), "1\n");
});

test("a device without room refuses lines", async (context) => {
  const folder = temporaryFolder(context);
  symlinkSync("/dev/full", join(folder, "results.log"));
  const file = logFile(folder);
  await assert.rejects(file.append(Buffer.from("1\n")), { code: "ENOSPC" });
  await file.close();
});

test("a full disk leaves no torn line", async (context) => {
  const folder = temporaryFolder(context);
  const disk = join(folder, "disk");
  mkdirSync(disk);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], { stdio: "ignore" });
  } catch {
    context.skip("mounting a small tmpfs needs root");
    return;
  }
  const file = logFile(disk);
  try {
    await file.append(Buffer.alloc(40_000, "a"));
    await assert.rejects(file.append(Buffer.alloc(40_000, "b")), { code: "ENOSPC" });
    assert.equal(statSync(join(disk, "results.log")).size, 40_000);
    await file.append(Buffer.alloc(10_000, "c"));
    assert.equal(statSync(join(disk, "results.log")).size, 50_000);
  } finally {
    await file.close();
    execFileSync("umount", [disk]);
  }
});

test("rotation by size keeps every line, compresses older files and removes surplus ones", async (context) => {
  const folder = temporaryFolder(context);
  const file = logFile(folder, { rotation: { maxBytes: 100, maxAgeSeconds: 0, maxFiles: 3 } });
  for (let number = 0; number < 6; number++) {
    await file.append(Buffer.from(`${String(number).repeat(80)}\n`));
  }
  await file.close();
  const names = readdirSync(folder).sort();
  const compressed = names.find((name) => name.startsWith("results.log.2."))?.slice(14) ?? "";
  assert.deepEqual(names, [
    "results.log",
    "results.log.1",
    `results.log.2.${compressed}`,
    `results.log.3.${compressed}`,
  ]);
  assert.equal(readFileSync(join(folder, "results.log"), "utf8"), `${"5".repeat(80)}\n`);
  assert.equal(readFileSync(join(folder, "results.log.1"), "utf8"), `${"4".repeat(80)}\n`);
  if (compressed === "gz") {
    const older = gunzipSync(readFileSync(join(folder, "results.log.2.gz"))).toString();
    assert.equal(older, `${"3".repeat(80)}\n`);
  }
  assert.equal(existsSync(join(folder, "results.log.4.gz")), false);
});

test("rotation by age starts with the first line of a file", async (context) => {
  const folder = temporaryFolder(context);
  let now = 1_000_000;
  const rotation = { maxBytes: 0, maxAgeSeconds: 60, maxFiles: 5 };
  const file = logFile(folder, { rotation, now: () => now });
  await file.append(Buffer.from("1\n"));
  now += 59_000;
  await file.append(Buffer.from("2\n"));
  now += 1_000;
  await file.append(Buffer.from("3\n"));
  await file.close();
  assert.equal(readFileSync(join(folder, "results.log.1"), "utf8"), "1\n2\n");
  assert.equal(readFileSync(join(folder, "results.log"), "utf8"), "3\n");
});

test("a rotated file carries its checksum and length, whatever this Node compresses with", async (context) => {
  const folder = temporaryFolder(context);
  const file = logFile(folder, { rotation: { maxBytes: 100, maxAgeSeconds: 0, maxFiles: 5 } });
  for (const line of ["a", "b", "c"]) await file.append(Buffer.from(`${line.repeat(90)}\n`));
  await file.close();
  const [name = ""] = readdirSync(folder).filter((each) => /\.(gz|zst)$/.test(each));
  const bytes = readFileSync(join(folder, name));
  if (name.endsWith(".gz")) {
    bytes[bytes.length - 8] = (bytes[bytes.length - 8] ?? 0) ^ 1;
    assert.throws(() => gunzipSync(bytes), /incorrect data check/);
    return;
  }
  // RFC 8878, 3.1.1.1.1: Content_Checksum_flag is bit 2, Frame_Content_Size is there by bits 5 to 7.
  const descriptor = bytes[4] ?? 0;
  assert.equal(descriptor & 0b100, 0b100);
  assert.notEqual(descriptor & 0b1110_0000, 0);
});
