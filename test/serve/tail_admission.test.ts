import assert from "node:assert/strict";
import { test } from "node:test";
import { createTailAdmission } from "../../src/serve/limits/tail_admission.js";
import { startTestServer } from "./running_server.js";

test("one caller never follows events from all places, and root finds one among those of others", async (t) => {
  const { context } = await startTestServer(t, { limitOverrides: { tails: 4 } });
  const tails = createTailAdmission(context);
  const refused = { code: "too_many_tails" };
  const [a, b, c] = ["a", "b", "c"].map((caller) => ({ caller, isOwner: false }));
  const root = { caller: "uid:0", isOwner: true };
  assert.ok(a !== undefined && b !== undefined && c !== undefined);
  tails.enter(a);
  const leave = tails.enter(a);
  assert.throws(() => tails.enter(a), refused);
  tails.enter(b);
  tails.enter(b);
  assert.throws(() => tails.enter(c), refused);
  const rootLeaves = tails.enter(root);
  assert.throws(() => tails.enter(root), refused);
  rootLeaves();
  leave();
  tails.enter(c);
});
