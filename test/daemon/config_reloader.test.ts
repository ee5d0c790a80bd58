import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import type { Config } from "../../src/config/config.js";
import { ConfigReloader } from "../../src/daemon/config_reloader.js";
import { loadGood } from "../config/loaded_config.js";

/** An reloader whose changes end when the test says so. */
function makeAdoption() {
  const begun: { config: Config; signal: AbortSignal; end: (error?: Error) => void }[] = [];
  const said: string[] = [];
  const reloader = new ConfigReloader({
    apply: (config, signal) => [
      new Promise<void>((resolve, reject) => {
        const end = (error?: Error) => (error === undefined ? resolve() : reject(error));
        begun.push({ config, signal, end });
      }),
    ],
    log: {
      info: (text: unknown) => said.push(`info ${text}`),
      error: (_: unknown, text?: string) => said.push(`error ${text}`),
    },
  });
  return { reloader, begun, said };
}

/** Configurations that differ in their path. */
function makeConfigs(context: TestContext) {
  const { config } = loadGood(context, { "auditql.conf": "{}" });
  return (path: string): Config => ({ ...config, path });
}

test("a configuration is adopted after the one before, and the newest of those that wait alone", async (context) => {
  const named = makeConfigs(context);
  const { reloader, begun, said } = makeAdoption();
  for (const name of ["first", "second", "third"]) reloader.adopt(named(name));
  await turn();
  assert.deepEqual(
    begun.map(({ config }) => config.path),
    ["first"],
  );
  begun[0]?.end();
  await turn();
  assert.deepEqual(
    begun.map(({ config }) => config.path),
    ["first", "third"],
  );
  begun[1]?.end();
  await turn();
  assert.deepEqual(said, Array(2).fill("info configuration reloaded"));
});

test("one that fails is told, and the next is adopted", async (context) => {
  const named = makeConfigs(context);
  const { reloader, begun, said } = makeAdoption();
  reloader.adopt(named("first"));
  begun[0]?.end(new Error("no"));
  await turn();
  reloader.adopt(named("second"));
  begun[1]?.end();
  await turn();
  assert.deepEqual(said, [
    "error failed to apply the new configuration",
    "info configuration reloaded",
  ]);
});

test("after the end nothing is begun, and what is on its way is told and reports nothing", async (context) => {
  const named = makeConfigs(context);
  const { reloader, begun, said } = makeAdoption();
  reloader.adopt(named("first"));
  reloader.adopt(named("second"));
  reloader.close();
  assert.equal(begun[0]?.signal.aborted, true);
  begun[0]?.end(new Error("the workers are closed"));
  await turn();
  reloader.adopt(named("third"));
  await turn();
  assert.equal(begun.length, 1);
  assert.deepEqual(said, []);
});
