import assert from "node:assert/strict";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Config } from "../../src/config/config.js";
import { ConfigSource } from "../../src/config/config_source.js";
import { formatDiagnostic } from "../../src/config/diagnostic.js";
import { temporaryFolder } from "./temporary_folder.js";

function open(context: TestContext) {
  const path = join(temporaryFolder(context), "osquery.conf");
  writeFileSync(path, '{"options": {"events_max": 1}}');
  const source = new ConfigSource({ args: [`--config_path=${path}`] });
  context.after(() => source.close());
  const changes: Config[] = [];
  const warnings: string[] = [];
  const broken: string[] = [];
  source.start({
    onChange: (config) => void changes.push(config),
    onWarnings: (problems) => void warnings.push(...problems.map(formatDiagnostic)),
    onBroken: (problems) => void broken.push(...problems.map(formatDiagnostic)),
  });
  const change = async (claim: () => boolean) => {
    while (!claim()) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  return { path, source, changes, warnings, broken, change };
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

test("a pack file is read again, also one that was broken, and one that joins a pattern", async (context) => {
  const { path, source, changes, broken, change } = open(context);
  const packs = join(dirname(path), "packs");
  const pack = (sql: string) => JSON.stringify({ queries: { q: { query: sql, interval: 60 } } });
  const sqlOf = (name: string) =>
    source.current.schedule.packs.find((each) => each.name === name)?.queries[0]?.sql;
  mkdirSync(packs);
  writeFileSync(join(packs, "one.conf"), "{");
  writeFileSync(path, JSON.stringify({ packs: { "*": join(packs, "*.conf") } }));
  await change(() => changes.length > 0);
  assert.deepEqual(source.current.schedule.packs, []);
  writeFileSync(join(packs, "one.conf"), pack("select 1"));
  await change(() => sqlOf("one") === "select 1");
  writeFileSync(join(packs, "one.conf"), pack("select 2"));
  await change(() => sqlOf("one") === "select 2");
  writeFileSync(join(packs, "two.conf"), pack("select 3"));
  await change(() => sqlOf("two") === "select 3");
  assert.deepEqual(broken, []);
});

test("a pack file that changes while the main file is broken is read with it", async (context) => {
  const { path, source, broken, change } = open(context);
  const file = join(dirname(path), "pack.conf");
  const pack = (sql: string) => JSON.stringify({ queries: { q: { query: sql, interval: 60 } } });
  writeFileSync(file, pack("select 1"));
  writeFileSync(path, JSON.stringify({ packs: { pack: file } }));
  await change(() => source.current.schedule.packs.length === 1);
  writeFileSync(path, "{");
  await change(() => broken.length > 0);
  const before = broken.length;
  writeFileSync(file, pack("select 2"));
  await change(() => broken.length > before);
  writeFileSync(path, JSON.stringify({ packs: { pack: file } }));
  await change(() => source.current.schedule.packs[0]?.queries[0]?.sql === "select 2");
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
  const { source, changes, warnings } = open(context);
  source.reload();
  assert.equal(changes.length, 0);
  assert.deepEqual(warnings, []);
});

test("a pack file that cannot be used is told of once, where nothing else changes", async (context) => {
  const { path, source, changes, warnings, change } = open(context);
  const packs = join(dirname(path), "packs");
  mkdirSync(packs);
  writeFileSync(path, JSON.stringify({ packs: { "*": join(packs, "*.conf") } }));
  await change(() => changes.length > 0);
  writeFileSync(join(packs, "broken.conf"), "{");
  await change(() => warnings.length > 0);
  source.reload();
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? "", /broken\.conf:1:2: warning: expected/);
});
