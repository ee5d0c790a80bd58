import assert from "node:assert/strict";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { checkConfig } from "../../src/config/check_config.js";
import type { Config } from "../../src/config/config.js";
import { ConfigSource } from "../../src/config/config_source.js";
import { formatProblem } from "../../src/config/problem.js";
import { temporaryFolder } from "./temporary_folder.js";

function open(context: TestContext) {
  const path = join(temporaryFolder(context), "osquery.conf");
  writeFileSync(path, '{"options": {"events_max": 1}}');
  const source = new ConfigSource({ args: [`--config_path=${path}`] });
  context.after(() => source.close());
  const changes: Config[] = [];
  const broken: string[] = [];
  source.start({
    onChange: (config) => void changes.push(config),
    onBroken: (problems) => void broken.push(...problems.map(formatProblem)),
  });
  const change = async (claim: () => boolean) => {
    while (!claim()) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  return { path, source, changes, broken, change };
}

test("a file that is replaced is read again", async (context) => {
  const { path, source, changes, change } = open(context);
  writeFileSync(`${path}.new`, '{"options": {"events_max": 2}}');
  renameSync(`${path}.new`, path);
  await change(() => changes.length > 0);
  assert.equal(source.current.tableLimits.default.maxRows, 2);
});

test("a .d folder that appears is read, and its files are watched", async (context) => {
  const { path, source, changes, change } = open(context);
  mkdirSync(`${path}.d`);
  writeFileSync(join(`${path}.d`, "a.conf"), '{"options": {"events_max": 3}}');
  await change(() => changes.length > 0);
  assert.equal(source.current.tableLimits.default.maxRows, 3);
});

test("a broken file leaves the last good configuration in force", (context) => {
  const { path, source, changes, broken } = open(context);
  writeFileSync(path, '{"options": {"events_max": 2}');
  source.reload();
  assert.equal(source.current.tableLimits.default.maxRows, 1);
  assert.equal(changes.length, 0);
  assert.match(broken[0] ?? "", /osquery.conf:1:\d+: error: expected a comma or }/);
  assert.equal(source.isBroken, true);
  writeFileSync(path, '{"options": {"events_max": 3}}');
  source.reload();
  assert.equal(source.isBroken, false);
});

test("a reload without a change tells nobody", (context) => {
  const { source, changes } = open(context);
  source.reload();
  assert.equal(changes.length, 0);
});

test("config check prints every problem and what the configuration comes to", (context) => {
  const { path } = open(context);
  writeFileSync(path, '{"shedule": {}, "schedule": {"q": {"query": "select 1"}}}');
  const good = checkConfig({ args: [`--config_path=${path}`] });
  assert.equal(good.ok, true);
  assert.match(good.text, /:1:2: warning: unknown key "shedule".*1 packs, 1 scheduled queries/s);
  writeFileSync(path, "{");
  const broken = checkConfig({ args: [`--config_path=${path}`] });
  assert.equal(broken.ok, false);
  assert.match(broken.text, /:1:2: error: .*cannot be used$/s);
});
