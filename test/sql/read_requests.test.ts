import assert from "node:assert/strict";
import { once } from "node:events";
import { Duplex } from "node:stream";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { withLength } from "../../src/sql/length_prefix.js";
import { ReadRequests } from "../../src/sql/read_requests.js";

/** The daemon's end of a worker's pipe; what is written to it is kept. */
class WorkerPipe extends Duplex {
  readonly answers: Buffer[] = [];
  nonsense = 0;

  constructor(answer: (asked: unknown) => Promise<unknown>) {
    super();
    new ReadRequests(this, { answer, onNonsense: () => this.nonsense++ });
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.answers.push(chunk);
    done();
    this.emit("answered");
  }
}

const echo = async (asked: unknown): Promise<unknown> => ({ asked });

test("requests are answered in order, however they are cut", async () => {
  const pipe = new WorkerPipe(echo);
  const bytes = Buffer.concat([withLength("one"), withLength({ two: 2 }), withLength(null)]);
  for (const byte of bytes) pipe.push(Buffer.from([byte]));
  while (pipe.answers.length < 3) await once(pipe, "answered");
  assert.deepEqual(
    pipe.answers,
    ["one", { two: 2 }, null].map((asked) => withLength({ asked })),
  );
  assert.equal(pipe.nonsense, 0);
});

const nonsense: Readonly<Record<string, Buffer>> = {
  "a request that is too long": Buffer.from([0, 0, 0, 1]),
  "bytes without end": Buffer.alloc(200_000, 0x20),
  "a request that is no JSON": Buffer.from([3, 0, 0, 0, 0x7b, 0x7b, 0x7b]),
};

for (const [what, bytes] of Object.entries(nonsense)) {
  test(`${what} ends the worker`, async () => {
    const pipe = new WorkerPipe(echo);
    pipe.push(bytes);
    for (let turn = 0; turn < 100 && pipe.nonsense === 0; turn++) await setImmediate();
    assert.ok(pipe.nonsense > 0);
    assert.ok(pipe.destroyed);
    assert.deepEqual(pipe.answers, []);
  });
}

test("an answer that cannot be made ends the worker, which would wait for ever", async () => {
  const pipe = new WorkerPipe(() => Promise.reject(new Error("defect")));
  pipe.push(withLength("x"));
  for (let turn = 0; turn < 100 && pipe.nonsense === 0; turn++) await setImmediate();
  assert.equal(pipe.nonsense, 1);
});
