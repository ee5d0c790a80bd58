import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { limitsOfTable } from "../../src/config/config.js";
import { loadConfig, requireConfig } from "../../src/config/load_config.js";
import { load, loadGood, testHost } from "./loaded_config.js";
import { temporaryFolder } from "./temporary_folder.js";

test("comments and continued lines are taken as osquery takes them", (context) => {
  const text = `# a comment
  // another
{
  "schedule": { "one": {
    "query": "select 1 \\
      from time",
    "interval": "60" // only whole lines are comments
  } }
}`.replace(" // only whole lines are comments", "");
  const { config } = loadGood(context, { "auditql.conf": text });
  assert.equal(config.schedule.packs[0]?.queries[0]?.sql, "select 1       from time");
});

test("a comment after a value is an error with its place", (context) => {
  const { config, messages } = load(context, { "auditql.conf": '{\n  "options": {} // no\n}' });
  assert.equal(config, null);
  assert.deepEqual(messages, ["auditql.conf:2:17: error: expected a comma or }."]);
});

test("the place of an error is right after comments and continued lines", (context) => {
  const { messages } = load(context, {
    "auditql.conf":
      '# one\n{ "schedule": { "a": { "query": "select \\\n 1", "interval": 1 } },\n# two\n  "x" 1 }',
  });
  assert.deepEqual(messages, ["auditql.conf:5:7: error: expected a colon after the key."]);
});

test("trailing commas are refused, as by rapidjson", (context) => {
  const { messages } = load(context, { "auditql.conf": '{"options": {"verbose": true,}}' });
  assert.deepEqual(messages, ["auditql.conf:1:30: error: expected a key in double quotes."]);
});

test("of equal keys the first wins", (context) => {
  const { config } = loadGood(context, {
    "auditql.conf": '{"options": {"events_max": 7}, "options": {"events_max": 8}}',
  });
  assert.equal(config.tableLimits.default.maxRows, 7);
});

test("numbers and booleans of osquery's keys may be strings", (context) => {
  const { config, messages } = loadGood(context, {
    "auditql.conf": `{
      "options": { "logger_rotate": "true", "logger_rotate_size": "1000", "schedule_epoch": 5 },
      "schedule": {
        "a": { "query": "select 1", "interval": "3600", "snapshot": "T", "removed": "false" },
        "b": { "query": "select 1", "interval": 60, "snapshot": 1 }
      }
    }`,
  });
  assert.deepEqual(messages, []);
  const [a, b] = config.schedule.packs[0]?.queries ?? [];
  assert.deepEqual(a?.trigger, { kind: "interval", seconds: 3600 });
  assert.equal(a?.snapshot, true);
  assert.equal(a?.removed, false);
  assert.equal(b?.snapshot, true);
  assert.equal(config.log.rotation.maxBytes, 1000);
  assert.equal(config.schedule.epoch, 5);
});

test("files of the .d folder come after the main file, sorted, .conf only", (context) => {
  const query = (sql: string) => `{"schedule": {"q": {"query": "${sql}", "interval": 60}}}`;
  const { config, messages } = loadGood(context, {
    "auditql.conf": '{"options": {"events_max": 1}}',
    "auditql.conf.d/20.conf": query("select 20"),
    "auditql.conf.d/10.conf": query("select 10"),
    "auditql.conf.d/30.json": "not even JSON",
  });
  const queries = config.schedule.packs.flatMap((pack) => pack.queries);
  assert.deepEqual(
    queries.map((q) => q.sql),
    ["select 10"],
  );
  assert.deepEqual(messages, [
    "auditql.conf.d/20.conf:1:15: warning: query q is declared twice; the first is used.",
  ]);
});

test("a broken file in the .d folder is an error that names it", (context) => {
  const { config, messages } = load(context, {
    "auditql.conf": "{}",
    "auditql.conf.d/a.conf": "[]",
  });
  assert.equal(config, null);
  assert.deepEqual(messages, ["auditql.conf.d/a.conf:1:1: error: must be a JSON object: { ... }."]);
});

test("packs are taken in place, by path and by glob, and named by osquery's rule", (context) => {
  const pack = '{"queries": {"q": {"query": "select 1", "interval": 60}}, "shard": "10"}';
  const { config } = loadGood(context, {
    "osquery.conf": `{"packs": {"inline": ${pack}, "file": "packs/one.conf", "*": "packs/g*.conf"}}`,
    "packs/one.conf": `# a pack\n${pack}`,
    "packs/g1.conf": pack,
    "packs/g2.conf": pack,
  });
  const names = config.schedule.packs.flatMap((p) => p.queries.map((q) => q.name));
  assert.deepEqual(names, ["pack_inline_q", "pack_file_q", "pack_g1_q", "pack_g2_q"]);
  assert.equal(config.schedule.packs[0]?.shard, 10);
});

test("a pack file that is missing is a warning, the rest runs", (context) => {
  const { config, messages } = load(context, {
    "osquery.conf": '{"packs": {"gone": "gone.conf"}}',
  });
  assert.ok(config);
  assert.match(
    messages[0] ?? "",
    /^osquery\.conf:1:12: warning: cannot read gone.conf: no such file/,
  );
});

test("a pattern under a pack's own name is a warning that shows how patterns are given", (context) => {
  const { config, messages } = load(context, {
    "osquery.conf": '{"packs": {"all": "packs/*.conf"}}',
  });
  assert.ok(config);
  assert.match(messages.join("\n"), /only under the name "\*".*\{ "\*": "packs\/\*\.conf" \}/);
  assert.equal(messages.length, 1);
});

test("queries that osquery would skip are skipped with a warning", (context) => {
  const { config, messages } = loadGood(context, {
    "osquery.conf": `{"schedule": {
      "too_slow": {"query": "select 1", "interval": 604801},
      "zero": {"query": "select 1", "interval": 0},
      "no_query": {"interval": 60},
      "my_counter": {"query": "select 1", "interval": 60},
      "cron": {"query": "select 1", "cron": "61 * * * *"},
      "good": {"query": "select 1"}
    }}`,
  });
  const [main] = config.schedule.packs;
  assert.deepEqual(
    main?.queries.map((q) => q.name),
    ["good"],
  );
  assert.deepEqual(main?.queries[0]?.trigger, { kind: "interval", seconds: 3600 });
  assert.equal(messages.length, 5);
  assert.match(
    messages[0] ?? "",
    /osquery.conf:2:\d+: warning: schedule.too_slow.interval must be <= 604800/,
  );
});

test("unknown keys are named with what was probably meant", (context) => {
  const { messages } = loadGood(context, {
    "auditql.conf": `{
  "shedule": {},
  "schedule": {"q": {"query": "select 1", "intervall": 60}}
}`,
  });
  assert.deepEqual(
    messages,
    [
      'auditql.conf:2:3: warning: unknown key "shedule", ignored. Did you mean "schedule"?',
      'auditql.conf:3:43: warning: unknown key "intervall" in schedule.q, ignored. Did you mean "interval"?',
    ].sort((a, b) => messages.indexOf(a) - messages.indexOf(b)),
  );
  assert.equal(messages.length, 2);
});

test("a wrong setting under auditql is an error that lists the words it takes", (context) => {
  const { config, messages } = load(context, {
    "auditql.conf": '{"auditql": {"capture": {"backend": "netlink"}, "http": {"port": 70000}}}',
  });
  assert.equal(config, null);
  assert.deepEqual(messages, [
    "auditql.conf:1:58: error: auditql.http.port must be <= 65535.",
    "auditql.conf:1:26: error: auditql.capture.backend must be one of auto, ebpf, audit, proc-connector, none.",
  ]);
});

test("a configuration of osquery keeps osquery's file names, one of auditql has its own", (context) => {
  const osquery = loadGood(context, { "osquery.conf": '{"schedule": {}}' }).config;
  assert.equal(osquery.log.resultsName, "osqueryd.results.log");
  assert.equal(osquery.log.snapshotsName, "osqueryd.snapshots.log");
  const named = loadGood(context, { "auditql.conf": '{"schedule": {}}' }).config;
  assert.equal(named.log.resultsName, "auditql.results.log");
  const keyed = loadGood(context, { "x.conf": '{"auditql": {}}' }).config;
  assert.equal(keyed.log.resultsName, "auditql.results.log");
  const chosen = loadGood(context, { "osquery.conf": "{}" }, [
    "--logger_results_name=r.log",
  ]).config;
  assert.equal(chosen.log.resultsName, "r.log");
  assert.equal(chosen.log.snapshotsName, "r.snapshots.log");
});

test("defaults depend on root, modes are private unless asked for", (context) => {
  const { config } = loadGood(context, { "auditql.conf": "{}" });
  assert.equal(config.statePath, testHost.userStatePath);
  assert.equal(config.log.directory, `${testHost.userStatePath}/log`);
  assert.equal(config.log.mode, 0o600);
  const open = loadGood(context, { "auditql.conf": "{}" }, ["--logger_mode=0640"]).config;
  assert.equal(open.log.mode, 0o640);
  const root = loadConfig({
    args: [`--config_path=${config.path}`],
    host: { ...testHost, isRoot: true },
  });
  assert.equal(root.config?.statePath, "/var/lib/auditql");
  assert.equal(root.config?.log.directory, "/var/log/auditql");
});

test("settings of tables, later files and the command line are joined", (context) => {
  const { config } = loadGood(
    context,
    {
      "auditql.conf":
        '{"auditql": {"tables": {"process_events": {"events_max": 5}}, "http": {"port": 1}}}',
      "auditql.conf.d/a.conf": '{"auditql": {"http": {"port": 2, "host": "::1"}}}',
    },
    ["--http_port=3", "--events_expiry=60"],
  );
  assert.deepEqual(config.tableLimits.byName["process_events"], {
    maxRows: 5,
    expirySeconds: 60,
    maxBytes: 512 * 1024 * 1024,
  });
  assert.equal(config.http.host, "::1");
  assert.equal(config.http.port, 3);
});

test("in memory no table may take more than a quarter, or than it is told to take", (context) => {
  const megabyte = 2 ** 20;
  const { config } = loadGood(context, {
    "auditql.conf": JSON.stringify({
      auditql: {
        store: "memory",
        store_max_bytes: 100 * megabyte,
        events_max_bytes: 0,
        tables: {
          process_events: { events_max_bytes: 60 * megabyte },
          socket_events: { events_max_bytes: 200 * megabyte },
          user_events: { events_max: 5 },
        },
      },
    }),
  });
  assert.equal(config.memoryBytes, 100 * megabyte);
  const bytes = (table: string) => limitsOfTable(config, table).maxBytes;
  assert.equal(bytes("file_events"), 25 * megabyte);
  assert.equal(bytes("process_events"), 60 * megabyte);
  assert.equal(bytes("socket_events"), 100 * megabyte);
  assert.equal(bytes("user_events"), 25 * megabyte);
  assert.equal(loadGood(context, { "auditql.conf": "{}" }).config.memoryBytes, null);
});

test("a configuration that cannot be used is config_broken, with all of its errors", (context) => {
  const folder = temporaryFolder(context);
  const path = join(folder, "auditql.conf");
  assert.throws(() => requireConfig({ args: [`--config_path=${path}`], host: testHost }), {
    code: "config_broken",
    message: /cannot read .*auditql.conf: no such file.*auditql config check/s,
  });
});

test("the configuration that is shipped has no problems", () => {
  const { config, problems } = loadConfig({
    args: ["--config_path=packs/auditql.conf"],
    host: testHost,
  });
  assert.deepEqual(problems, []);
  const names = config?.schedule.packs.flatMap((pack) => pack.queries.map((query) => query.name));
  assert.deepEqual(names, [
    "pack_processes_executions",
    "pack_connections_sockets",
    "pack_health_counters",
  ]);
});

test("disable_decorators leaves out every decorator", (context) => {
  const decorators = { load: ["select 1"], always: ["select 2"], interval: { 60: ["select 3"] } };
  const decoratorsWith = (options: Readonly<Record<string, boolean>>) =>
    loadGood(context, { "osquery.conf": JSON.stringify({ options, decorators }) }).config.schedule
      .decorators;
  assert.equal(decoratorsWith({}).load.length, 1);
  const off = decoratorsWith({ disable_decorators: true });
  assert.deepEqual(off, { load: [], always: [], interval: [] });
});

test("a logger of the user's own gets no options of osquery's logger of that name", (context) => {
  const settings = { log: { loggers: { syslog: { module: "/opt/mine.mjs", options: { a: 1 } } } } };
  const { config } = loadGood(context, { "auditql.conf": JSON.stringify({ auditql: settings }) }, [
    "--logger_plugin=syslog,http",
  ]);
  const [own, builtin] = config.log.loggers;
  assert.deepEqual(own?.options, { a: 1 });
  assert.deepEqual(Object.keys(builtin?.options ?? {}), ["gzip", "max_lines"]);
});
