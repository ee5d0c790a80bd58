import assert from "node:assert/strict";
import { test } from "node:test";
import { takePastes } from "../../src/shell/bracketed_paste.js";

/** A taker, what it got, and how it answers to keys by their characters. */
function pasting() {
  const pasted: (string | null)[] = [];
  const take = takePastes((text) => pasted.push(text));
  const type = (text: string) => Array.from(text, (sequence) => take({ sequence }));
  return { pasted, type, mark: (name: string) => take({ name, sequence: "" }) };
}

test("what is between the marks is one text with plain line breaks and no control characters", () => {
  const { pasted, type, mark } = pasting();
  assert.deepEqual(type("a"), [false]);
  assert.ok(mark("paste-start"));
  assert.ok(type("select 1,\r\n\t2\r日\x1b[A\x07;\r").every(Boolean));
  assert.ok(mark("paste-end"));
  assert.deepEqual(pasted, ["select 1,\n\t2\n日[A;"]);
  assert.deepEqual(type("b"), [false]);
});

test("a paste beyond the bound is dropped whole, and one whose end got lost ends with Ctrl-C", () => {
  const { pasted, type, mark } = pasting();
  mark("paste-start");
  type("x".repeat(300_000));
  mark("paste-end");
  assert.deepEqual(pasted, [null]);
  mark("paste-start");
  assert.deepEqual(type("a\x03b"), [true, false, false]);
  assert.deepEqual(pasted, [null]);
});
