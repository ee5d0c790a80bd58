import assert from "node:assert/strict";
import { test } from "node:test";
import { HalfSipHash } from "../../src/enrich/half_sip_hash.js";

/** Of the authors (vectors_hsip64 of github.com/veorq/SipHash): key and bytes count up from 0. */
const vectors: readonly (readonly [number, string])[] = [
  [0, "218d1f59b9b83cc8"],
  [1, "be552412f8387315"],
  [2, "064f39ef7c50eb57"],
  [3, "ce0f1a45f7060679"],
  [4, "d5e78a175be52ea1"],
  [5, "cb9d7c3f2f3db580"],
  [6, "ce3e91358aa2bc25"],
];

const countingUp = (length: number) => Buffer.from(Array.from({ length }, (_, i) => i));

test("hashes are those that the authors of HalfSipHash give", () => {
  const hash = new HalfSipHash(countingUp(8));
  for (const [length, expected] of vectors) {
    // Bytes around them must not count.
    const bytes = Buffer.concat([Buffer.from("ab"), countingUp(length), Buffer.from("c")]);
    const halves = Buffer.alloc(8);
    hash.hash(bytes, 2, 2 + length).forEach((half, i) => {
      halves.writeUInt32LE(half, 4 * i);
    });
    assert.equal(halves.toString("hex"), expected);
  }
});
