import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { requireConfig } from "../../src/config/load_config.js";
import { loadGood } from "./loaded_config.js";
import { temporaryFolder } from "./temporary_folder.js";

test("decorators, views and constructed tables of packs are joined with those of the file", (context) => {
  const path = join(temporaryFolder(context), "osquery.conf");
  const constructed = { query: "select 1 as a", path: "/x/%.db", columns: ["a"] };
  const file = {
    decorators: { load: ["select 1 as one"] },
    views: { first: "select 1" },
    packs: {
      here: {
        platform: "linux",
        decorators: { load: ["select 2 as two"] },
        views: { second: "select 2" },
        auto_table_construction: {
          mine: constructed,
          mac: { ...constructed, platform: "darwin" },
        },
      },
      elsewhere: { platform: "darwin", views: { third: "select 3" } },
    },
  };
  writeFileSync(path, JSON.stringify(file));
  const { config } = requireConfig({ args: [`--config_path=${path}`] });
  assert.deepEqual(config.schedule.decorators.load, ["select 1 as one", "select 2 as two"]);
  assert.deepEqual(config.userTables, {
    disabled: [],
    views: { first: "select 1", second: "select 2" },
    constructed: [{ name: "mine", ...constructed }],
  });
});

test("a part that does not fit is left out alone, with a warning of where it stands", (context) => {
  const { config, messages } = loadGood(context, {
    "osquery.conf": `{
      "options": { "enable_file_events": true },
      "file_paths": { "etc": ["/etc/%", {"a": 1}, "/srv/%"], "bad": "/no/list" },
      "decorators": { "load": ["select 1", null] },
      "schedule": {
        "whole": { "query": "select 1", "interval": 60, "snapshot": "perhaps", "shard": {} },
        "when": { "query": "select 2", "interval": "soon" },
        "what": { "interval": 60 }
      }
    }`,
  });
  assert.deepEqual(
    config.publish.categories.map(({ name, paths }) => [name, paths]),
    [["etc", ["/etc/%", "/srv/%"]]],
  );
  assert.deepEqual(config.schedule.decorators.load, ["select 1"]);
  const queries = config.schedule.packs.flatMap((pack) => pack.queries);
  assert.deepEqual(
    queries.map(({ name, snapshot, shard }) => [name, snapshot, shard]),
    [["whole", false, 0]],
  );
  for (const part of [
    "osquery.conf:3:41: warning: file_paths.etc.1 must be string, not object.",
    "osquery.conf:3:62: warning: file_paths.bad must be array, not string.",
    "decorators.load.1 must be string, not null.",
    "schedule.whole.snapshot must be boolean, not string.",
    "schedule.whole.shard must be integer, not object.",
    "schedule.when.interval must be integer, not string.",
    "schedule.what must have required properties query.",
  ]) {
    assert.ok(
      messages.some((message) => message.includes(part)),
      `${part}\n${messages.join("\n")}`,
    );
  }
});

test("platforms of packs and queries may be listed", (context) => {
  const { config, messages } = loadGood(context, {
    "osquery.conf": JSON.stringify({
      packs: {
        talos: {
          platform: ["linux", "darwin"],
          queries: {
            here: { query: "select 1", platform: ["linux"] },
            elsewhere: { query: "select 2", platform: ["windows"] },
          },
        },
      },
    }),
  });
  const [pack] = config.schedule.packs;
  assert.equal(pack?.platform, "linux,darwin");
  assert.deepEqual(
    pack?.queries.map(({ platform }) => platform),
    ["linux", "windows"],
  );
  assert.deepEqual(messages, []);
});

test("bytes that are not UTF-8 are told with their line, and the rest is taken", (context) => {
  const path = join(temporaryFolder(context), "osquery.conf");
  const text = '{\n"schedule": {"q": {"query": "select \'\xe9\'", "interval": 60}}}';
  writeFileSync(path, Buffer.from(text, "latin1"));
  const { config, warnings } = requireConfig({ args: [`--config_path=${path}`] });
  assert.equal(config.schedule.packs[0]?.queries[0]?.sql, "select '\uFFFD'");
  assert.deepEqual(
    warnings.map(({ message, position }) => [message, position?.line]),
    [["contains invalid UTF-8, replaced with U+FFFD. Save it as UTF-8.", 2]],
  );
});

test("what does not fit together is warned of with its place, in files and packs", (context) => {
  const files = {
    "osquery.conf": `{
      "file_paths": { "a": ["/etc/%"] },
      "decorators": { "interval": { "61": ["select 1"] } },
      "packs": {
        "here": "pack.conf", "elsewhere": { "platform": "windows", "yara": { "file_paths": { "a": ["gone"] } } },
        "folder": "osquery.conf.d", "missing": "/nonexistent/pack.conf"
      }
    }`,
    "osquery.conf.d/b.conf": `{
      "file_paths": {"a": ["/usr/%",
        "srv/%"]}, "file_accesses": ["a", "b"]
    }`,
    "pack.conf": `{
      "decorators": { "interval": { "60": ["select 1"],
        "many": ["select 1"] } },
      "yara": { "file_paths": { "a": [
        "gone"], "c": [] } },
      "schedule_": 1
    }`,
  };
  const { messages } = loadGood(context, files, ["--enable_file_events"]);
  assert.deepEqual(
    messages
      .map((message) => message.replace(/warning: (.*?[^ ]+ [^ ]+ [^ ]+) .*$/, "$1"))
      .toSorted(),
    [
      "osquery.conf.d/b.conf:3:43: file_accesses: unknown category",
      'osquery.conf.d/b.conf:3:9: file_paths: "srv/%" is',
      "osquery.conf:3:37: decorators.interval.61 must be",
      "osquery.conf:6:37: cannot read /nonexistent/pack.conf:",
      "osquery.conf:6:9: cannot read osquery.conf.d:",
      "pack.conf:3:9: decorators.interval.many must be",
      "pack.conf:5:18: yara.file_paths: unknown category",
      "pack.conf:5:9: yara: unknown group",
      'pack.conf:6:7: unknown key "schedule_",',
    ],
  );
});

test("disable_tables names tables with commas between them", (context) => {
  const path = join(temporaryFolder(context), "osquery.conf");
  writeFileSync(path, "{}");
  const disabled = (flag: string) =>
    requireConfig({ args: [`--config_path=${path}`, flag] }).config.userTables.disabled;
  assert.deepEqual(disabled("--disable_tables=shadow, curl,"), ["shadow", "curl"]);
  assert.deepEqual(disabled("--disable_tables="), []);
});
