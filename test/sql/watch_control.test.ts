import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { addonPath } from "../../src/native/addon.js";
import { FrameParser } from "../../src/sql/frame_parser.js";
import { endlessQuery, skip } from "./pool_fixture.js";

const framesFd = 3;
const controlFd = 4;

/** A process that runs one query, its control pipe being watched, and prints how it ended. */
const program = `
  const Database = require("better-sqlite3");
  const [addonPath, sql, generation] = process.argv.slice(1);
  const database = new Database(":memory:");
  database.loadExtension(addonPath);
  const connection = require(addonPath).takeConnection();
  connection.watchControl(${controlFd});
  const { error, rows } = connection.query({
    generation: Number(generation), sql, parameters: [], allowUnbound: false, format: "ndjson",
    outputFd: ${framesFd}, timeoutMs: 20000, maxRows: 0, maxBytes: 0, windows: {},
  });
  process.stdout.write(JSON.stringify({ error, rows }));
  setInterval(() => {}, 1000);
`;

interface Watched {
  readonly child: ChildProcess;
  readonly control: NodeJS.WritableStream;
  readonly answer: Promise<{ readonly error: { readonly code: string } | null }>;
}

function start(sql: string, generation: number): Watched {
  const child = spawn(process.execPath, ["-e", program, addonPath, sql, `${generation}`], {
    stdio: ["ignore", "pipe", "inherit", "pipe", "pipe"],
  });
  const { stdout } = child;
  const [frames, control] = [child.stdio[framesFd], child.stdio[controlFd]];
  assert.ok(stdout !== null);
  assert.ok(frames !== null && frames !== undefined && "resume" in frames);
  assert.ok(control !== null && control !== undefined && "write" in control);
  const parser = new FrameParser({ data: () => {}, end: () => {} });
  frames.on("data", (chunk: Buffer) => parser.push(chunk));
  const answer = once(stdout, "data").then(([text]) => JSON.parse(String(text)));
  return { child, control, answer };
}

function cancelOf(generation: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(generation);
  return bytes;
}

test("a generation on the control pipe ends its query while the thread is busy", {
  skip,
}, async () => {
  const { child, control, answer } = start(endlessQuery, 0x01020304);
  // Written before the query begins, in two pieces, and for another one in between.
  const wanted = cancelOf(0x01020304);
  control.write(cancelOf(0x01020303));
  control.write(wanted.subarray(0, 1));
  control.write(wanted.subarray(1));
  assert.equal((await answer).error?.code, "query_cancelled");
  control.end();
  await once(child, "exit");
});

test("a cancel for another query leaves this one alone", { skip }, async () => {
  const { child, control, answer } = start("select 1 as one", 7);
  control.write(cancelOf(6));
  assert.equal((await answer).error, null);
  control.end();
  await once(child, "exit");
});

test("the end of the control pipe ends the process, in the middle of a query too", {
  skip,
}, async () => {
  for (const sql of ["select 1", endlessQuery]) {
    const { child, control, answer } = start(sql, 1);
    if (sql !== endlessQuery) await answer;
    else answer.catch(() => {});
    control.end();
    const [status, signal] = await once(child, "exit");
    assert.deepEqual([status, signal], [0, null]);
  }
});
