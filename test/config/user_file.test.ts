import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readUserFile } from "../../src/config/user_file.js";
import { fileReason } from "../../src/util/file_reason.js";
import { oddFiles } from "./odd_files.js";
import { temporaryFolder } from "./temporary_folder.js";

const maxBytes = 4096;

const reasons: Readonly<Record<string, RegExp>> = {
  fifo: /^it is a FIFO, not a regular file$/,
  directory: /^it is a directory/,
  large: /^it is larger than 4 KiB$/,
  socket: /^it is a socket, not a regular file$/,
  device: /^it is a device, not a regular file$/,
  terminal: /^it is a device, not a regular file$/,
  missing: /^no such file or directory$/,
};

test("what is no file of a bounded size is an error at once, with its reason", async (context) => {
  for (const [name, path] of await oddFiles(context, maxBytes + 1)) {
    const reason = reasons[name.replace("link to ", "")] ?? /never/;
    assert.throws(
      () => readUserFile(path, { maxBytes }),
      (error) => reason.test(fileReason(error)),
      name,
    );
  }
});

test("a file of the largest size, an empty one and one of /proc are read whole", (context) => {
  const path = join(temporaryFolder(context), "file");
  writeFileSync(path, "x".repeat(maxBytes));
  assert.equal(readUserFile(path, { maxBytes }).length, maxBytes);
  writeFileSync(path, "");
  assert.equal(readUserFile(path, { maxBytes }).length, 0);
  assert.match(readUserFile("/proc/self/status", { maxBytes }).toString(), /^Name:/);
});

test("a file that grows while it is read ends at the bound", (context) => {
  const path = join(temporaryFolder(context), "file");
  writeFileSync(path, "x");
  const check = () => appendFileSync(path, "y".repeat(maxBytes));
  assert.throws(() => readUserFile(path, { maxBytes, check }), /larger than/);
});

test("a file that is deleted, or another, between the look at it and the reading is no surprise", (context) => {
  const path = join(temporaryFolder(context), "file");
  writeFileSync(path, "x");
  const remove = () => rmSync(path);
  assert.throws(() => readUserFile(path, { maxBytes, check: remove }), { code: "ENOENT" });
  writeFileSync(path, "x");
  let looks = 0;
  const replace = () => {
    if (looks++ > 0) return;
    rmSync(path);
    execFileSync("mkfifo", [path]);
  };
  assert.throws(() => readUserFile(path, { maxBytes, check: replace }), /it is a FIFO/);
});

test("a pipe is read to its end where a person named it", async (context) => {
  const path = join(temporaryFolder(context), "pipe");
  execFileSync("mkfifo", [path]);
  const writer = spawn("sh", ["-c", 'printf abc > "$0"', path]);
  assert.equal(readUserFile(path, { maxBytes, isPipeTaken: true }).toString(), "abc");
  await once(writer, "close");
});
