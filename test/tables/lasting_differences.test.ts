import assert from "node:assert/strict";
import { test } from "node:test";
import { lastingDifferences } from "./lasting_differences.js";

/** A source that answers otherwise each time, the last answer from then on. */
function answers(...all: readonly (readonly string[])[]): () => readonly string[] {
  let asked = 0;
  return () => all[Math.min(asked++, all.length - 1)] ?? [];
}

test("what is told and not shown, shown and not told, or shown too seldom is a difference", () => {
  const told = answers(["a", "b", "twice", "twice"]);
  const shown = answers(["a", "c", "twice"]);
  assert.deepEqual(lastingDifferences(told, shown), ["- b", "- twice (2)", "+ c"]);
  assert.deepEqual(lastingDifferences(answers([]), answers(["a"])), ["+ a"]);
  assert.deepEqual(lastingDifferences(answers(["a"]), answers([])), ["- a"]);
});

test("a value that is wrong in another way each time is a difference", () => {
  const shown = answers(["size 1"], ["size 2"], ["size 3"], ["size 4"], ["size 5"]);
  assert.deepEqual(lastingDifferences(answers(["size 9"]), shown), ["- size 9"]);
});

test("what comes or goes while it is looked at is none", () => {
  const comes = answers(["a"], ["a", "b"]);
  assert.deepEqual(lastingDifferences(comes, answers(["a", "b"])), []);
  const goes = answers(["a", "b"], ["a"]);
  assert.deepEqual(lastingDifferences(goes, answers(["a"])), []);
});

test("what comes and goes between two answers is none, as it is gone at another look", () => {
  assert.deepEqual(lastingDifferences(answers(["a"]), answers(["a", "short"], ["a"])), []);
  assert.deepEqual(lastingDifferences(answers(["a", "b"]), answers(["a"], ["a", "b"])), []);
});
