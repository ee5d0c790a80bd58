import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { DaemonHome, DaemonProcess } from "../live/daemon_process.js";
import { eventually } from "../live/eventually.js";
import { endlessQuery } from "../sql/pool_fixture.js";

/** Ends after all that a test does, also where nobody cancels it. */
const limits = { timeoutMs: 600_000 };

let home: DaemonHome;
let daemon: DaemonProcess;
const gone = new AbortController();
const tokens = { greedy: secret(), modest: secret() };

/** A new directory for each test of the enclosing suite, and an end to its daemon. */
function homePerTest(): void {
  beforeEach(() => {
    home = new DaemonHome();
  });
  afterEach(async () => {
    await daemon.kill();
    home.remove();
  });
}

async function start(http: object = {}): Promise<void> {
  const auditql = {
    state_path: home.statePath,
    http: { port: 0, ...http },
    capture: { backend: "none" },
  };
  daemon = await DaemonProcess.start(home, { config: { auditql } });
  const lines = Object.entries(tokens).map(
    ([name, token]) => `${name} read sha256:${createHash("sha256").update(token).digest("hex")}\n`,
  );
  writeFileSync(join(home.statePath, "tokens"), lines.join(""), { mode: 0o600 });
  await eventually(
    () => ask("modest", "select 1"),
    ({ status }) => status === 200,
  );
}

async function ask(name: keyof typeof tokens, sql: string) {
  const port = /port (\d+)/.exec(daemon.stderr)?.[1];
  const answer = await fetch(`http://127.0.0.1:${port}/v1/query`, {
    method: "POST",
    signal: gone.signal,
    headers: { "content-type": "application/json", authorization: `Bearer ${tokens[name]}` },
    body: JSON.stringify({ sql, limits }),
  });
  return { status: answer.status, text: await answer.text() };
}

/** What ends with the daemon ends with an error of the connection. */
const flood = (count: number, send: () => Promise<unknown>) => {
  for (let n = 0; n < count; n++) send().catch(() => {});
};

const counted = (metric: string) =>
  daemon.number(
    `select value from auditql_health
     where stage = 'serve' and name = 'query' and metric = '${metric}'`,
  );

describe("workers for ad-hoc queries", () => {
  homePerTest();

  for (const count of [2, 8]) {
    test(`${count} endless queries of one token hold up neither another token nor root`, async () => {
      await start();
      flood(count, () => ask("greedy", endlessQuery));
      // The query that counts has a turn, too.
      await eventually(
        () => counted("running"),
        (running) => running === 3,
      );
      assert.equal(await counted("queue_depth"), count - 2, "the others wait, and do not run");
      assert.match((await ask("modest", "select 40 + 2 as answer")).text, /"answer":42/);
      assert.equal(await daemon.number("select 40 + 2"), 42);
    });
  }

  test("root finds a worker beside endless queries of several tokens", async () => {
    await start();
    flood(4, () => ask("greedy", endlessQuery));
    flood(4, () => ask("modest", endlessQuery));
    await eventually(
      () => counted("running"),
      (running) => running === 4,
    );
    assert.equal(await daemon.number("select 40 + 2"), 42);
  });

  test("root's endless queries leave a worker for others", async () => {
    await start();
    flood(8, () => daemon.send("POST", "/v1/query", { sql: endlessQuery, limits }));
    const before = await eventually(
      () => daemon.get("/v1/queries"),
      ({ body }) => body.split(endlessQuery).length - 1 >= 3,
    );
    assert.equal(before.status, 200);
    assert.match((await ask("modest", "select 40 + 2 as answer")).text, /"answer":42/);
  });

  test("a query that finds no worker is refused after http.query_wait_ms", async () => {
    await start({ query_wait_ms: 5000 });
    flood(2, () => ask("greedy", endlessQuery));
    await eventually(
      () => counted("running"),
      (running) => running === 3,
    );
    const refused = await ask("greedy", "select 1");
    assert.equal(refused.status, 503);
    assert.match(refused.text, /"code":"too_many_queries"/);
    assert.match(refused.text, /no worker was free within 5000 ms/);
    assert.match((await ask("modest", "select 40 + 2 as answer")).text, /"answer":42/);
  });
});

function secret(): string {
  return randomBytes(32).toString("base64url");
}
