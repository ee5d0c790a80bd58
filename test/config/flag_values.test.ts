import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { loadConfig } from "../../src/config/load_config.js";
import { load, loadGood, testHost } from "./loaded_config.js";
import { temporaryFolder } from "./temporary_folder.js";

test("the flagfile sets flags, the config wins over it, the command line over both", (context) => {
  const files = {
    "osquery.conf": '{"options": {"events_expiry": 2, "logger_plugin": "syslog"}}',
    "osquery.flags":
      "# flags\n--events_expiry=1\n--events_max=100\n--verbose\n--logger_plugin=stdout\n",
  };
  const { config, messages } = loadGood(context, files, [
    "--flagfile=@/osquery.flags",
    "--events_max=9",
  ]);
  assert.equal(config.tableLimits.default.expirySeconds, 2);
  assert.equal(config.tableLimits.default.maxRows, 9);
  assert.equal(config.log.status.level, "debug");
  assert.deepEqual(
    config.log.loggers.map((logger) => logger.name),
    ["stdout"],
  );
  assert.deepEqual(messages, [
    'osquery.conf:1:34: warning: option "logger_plugin" can only be set on the command line or in the flagfile, ignored.',
  ]);
});

test("flags are taken as gflags takes them", (context) => {
  const { config } = loadGood(context, { "osquery.conf": "{}" }, [
    "-events_max",
    "12",
    "--nologger_event_type",
    "--logger_path=/tmp/logs",
    "--verbose",
  ]);
  assert.equal(config.tableLimits.default.maxRows, 12);
  assert.equal(config.schedule.format.events, false);
  assert.equal(config.log.directory, "/tmp/logs");
});

test("a flag without use is named with the reason, an unknown one on the command line is an error", (context) => {
  const { config, messages } = load(
    context,
    { "osquery.conf": '{"options": {"aws_region": "x", "custom_team": 1, "event_max": 5}}' },
    ["--event_expiry=1"],
  );
  assert.equal(config, null);
  assert.deepEqual(messages, [
    "osquery.conf:1:14: warning: --aws_region has no effect: there is no AWS logger; add one as a module (docs/internals/adding-a-logger.md).",
    'osquery.conf:1:51: warning: unknown flag --event_max. Did you mean "events_max"?',
    'error: unknown flag --event_expiry. Did you mean "events_expiry"?',
  ]);
});

test("of equal flags the last wins, and a flagfile may name another in its place", (context) => {
  const files = {
    "osquery.conf": "{}",
    "osquery.flags": "--events_max=1\n--flagfile=@/more.flags\n--events_expiry=3\n",
    "more.flags": "--events_max=2\n--events_expiry=2\n--flagfile=@/osquery.flags\n",
  };
  const folder = temporaryFolder(context);
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text.replaceAll("@", folder));
  }
  const args = [`--config_path=${folder}/osquery.conf`, `--flagfile=${folder}/osquery.flags`];
  const { config, problems } = loadConfig({ args, host: testHost });
  assert.deepEqual(problems, []);
  assert.equal(config?.tableLimits.default.maxRows, 2);
  assert.equal(config.tableLimits.default.expirySeconds, 3);
});
