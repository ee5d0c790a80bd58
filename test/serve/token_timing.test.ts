import assert from "node:assert/strict";
import crypto from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Sessions } from "../../src/serve/auth/sessions.js";
import { openTokenFile, readToken } from "../../src/serve/auth/token.js";
import { openTokenList } from "../../src/serve/auth/token_list.js";

const randomSecret = () => crypto.randomBytes(32).toString("base64url");
const sha256 = (text: string) => crypto.createHash("sha256").update(text).digest("hex");
/** Differs in the last character alone. */
const nearly = (secret: string) => secret.slice(0, -1) + (secret.endsWith("A") ? "E" : "A");

function scratch(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "auditql-timing-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** A list of so many tokens, and the tokens. */
function listOf(t: TestContext, count: number) {
  const secrets = Array.from({ length: count }, randomSecret);
  const path = join(scratch(t), "tokens");
  const lines = secrets.map((secret, n) => `t${n} read sha256:${sha256(secret)}\n`);
  writeFileSync(path, lines.join(""), { mode: 0o600 });
  return { tokens: openTokenList({ path, onBroken: assert.fail }), secrets };
}

/** Lengths of what timingSafeEqual() compares while `act` runs. */
function comparisonsOf(t: TestContext, act: () => unknown): readonly number[] {
  const spy = t.mock.method(crypto, "timingSafeEqual");
  // The named imports of other modules see the spy, too.
  syncBuiltinESMExports();
  try {
    act();
    return spy.mock.calls.map((call) => call.arguments[0].byteLength);
  } finally {
    spy.mock.restore();
    syncBuiltinESMExports();
  }
}

test("tokens are compared by hash and in constant time, with every line, whatever they are", (t) => {
  const { tokens, secrets } = listOf(t, 3);
  const path = join(scratch(t), "token");
  const file = openTokenFile(path);
  const own = readToken(path);
  const [first = "", , last = ""] = secrets;
  for (const token of [first, last, own, nearly(first), nearly(own), randomSecret(), "", "x"]) {
    assert.deepEqual(
      comparisonsOf(t, () => tokens.verify(token)),
      [32, 32, 32],
    );
    assert.deepEqual(
      comparisonsOf(t, () => file.verify(token)),
      [32],
    );
  }
  const sessions = new Sessions({ now: Date.now, maxSessions: 8, sessionMs: 60_000, linkMs: 1 });
  const { id, key } = sessions.open({ name: "a", role: "read", isValid: () => true });
  for (const shown of [key, nearly(key), ""]) {
    assert.deepEqual(
      comparisonsOf(t, () => sessions.find(id, shown)),
      [32],
    );
  }
});

test("the token of the first line, that of the last and a wrong one take equally long", (t) => {
  const { tokens, secrets } = listOf(t, 2000);
  const asked = [secrets[0] ?? "", secrets.at(-1) ?? "", randomSecret()];
  const times = asked.map((): number[] => []);
  // By turns, so that what else the machine does meets all of them alike. Whoever stopped at the
  // line that fits would answer the first a thousand times sooner.
  for (let round = 0; round < 101; round += 1) {
    for (const [n, token] of asked.entries()) {
      const start = process.hrtime.bigint();
      tokens.verify(token);
      times[n]?.push(Number(process.hrtime.bigint() - start));
    }
  }
  // The shortest of many is what it takes where nothing else gets in between.
  const shortest = times.map((each) => Math.min(...each));
  const ratio = Math.max(...shortest) / Math.min(...shortest);
  assert.ok(ratio < 10, `${shortest.join(", ")} ns`);
});
