import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { loadConfig } from "../../src/config/load_config.js";
import { temporaryFolder } from "./temporary_folder.js";

function load(context: TestContext, capture: unknown) {
  const path = join(temporaryFolder(context), "auditql.conf");
  writeFileSync(path, JSON.stringify({ auditql: { capture } }));
  const { config, problems } = loadConfig({ args: [`--config_path=${path}`] });
  return { capture: config?.capture, messages: problems.map(({ message }) => message) };
}

test("without a setting, arguments are kept as they are and no environment is read", (t) => {
  const { capture } = load(t, {});
  assert.deepEqual(capture?.redactArguments, []);
  assert.deepEqual(capture?.environment.keep, []);
});

test("variables that are kept lose the values of secrets unless that is chosen otherwise", (t) => {
  const kept = load(t, { environment: { keep: ["*"] } }).capture?.environment;
  assert.ok(kept?.redact.includes("*TOKEN*"));
  const open = load(t, { environment: { keep: ["*"], redact: [] } }).capture?.environment;
  assert.deepEqual(open, { keep: ["*"], redact: [] });
});

test("a name that is too long is an error, a misspelt key is told", (t) => {
  const long = load(t, { redact_arguments: ["x".repeat(65)] });
  assert.match(long.messages.join("\n"), /redact_arguments\.0/);
  const unknown = load(t, { environment: { keeps: ["*"] } });
  assert.match(unknown.messages.join("\n"), /unknown key "keeps"/);
});
