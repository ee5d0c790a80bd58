import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { ReadyOutput } from "../../src/log/ready_output.js";
import { StdoutLogger } from "../../src/log/stdout.js";
import { loadAddon } from "../../src/native/addon.js";
import { temporaryFolder } from "../config/temporary_folder.js";
import { results, until } from "./log_fixture.js";

const addon = loadAddon();

/** The two ends of a pipe; the one that is written to waits, as descriptors of a process do. */
function openPipe(context: TestContext) {
  const path = join(temporaryFolder(context), "pipe");
  execFileSync("mkfifo", [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(path, constants.O_WRONLY);
  context.after(() => closeSync(writer));
  const read = (): string => {
    const bytes = Buffer.alloc(1 << 20);
    try {
      return bytes.toString("utf8", 0, readSync(reader, bytes));
    } catch {
      return "";
    }
  };
  return { writer, read, closeReader: () => closeSync(reader) };
}

const line = `${"x".repeat(999)}\n`;

test("lines for a reader that has stopped wait, bounded; what is dropped is said", async (context) => {
  const { writer, read } = openPipe(context);
  const output = new ReadyOutput({ fd: writer, addon, maxWaitingBytes: 10_000 });
  for (let i = 0; i < 200; i++) output.write(line);
  let text = "";
  await until(() => {
    text += read();
    if (text.length > 0) output.write("the end\n");
    return text.endsWith("the end\n");
  });
  const dropped = /^auditql: (\d+) lines were dropped/m.exec(text);
  const arrived = text.split("\n").filter((each) => each === line.trim()).length;
  assert.ok(Number(dropped?.[1]) > 0);
  assert.equal(arrived + Number(dropped?.[1]), 200);
});

test("a reader that is gone is no error", (context) => {
  const { writer, closeReader } = openPipe(context);
  closeReader();
  const output = new ReadyOutput({ fd: writer, addon, maxWaitingBytes: 10_000 });
  for (let i = 0; i < 100; i++) output.write(line);
});

test("the stdout logger gives up on a reader that has stopped, and tears no line", async (context) => {
  const { writer, read } = openPipe(context);
  const logger = new StdoutLogger(addon, writer);
  const many = Array.from({ length: 100 }, (_, index) => `${index} ${"y".repeat(2000)}`);
  await assert.rejects(logger.write(results(...many)), /does not read/);
  let text = "";
  const again = logger.write(results(...many));
  await until(() => {
    text += read();
    return text.endsWith(`${many.at(-1)}\n`);
  });
  await again;
  const lines = text.split("\n").slice(0, -1);
  // The first ones arrive twice, as those of any logger that failed half-way.
  assert.deepEqual(
    lines.filter((each) => !many.includes(each)),
    [],
  );
  assert.deepEqual(lines.slice(-100), many);
  await logger.close();
});
