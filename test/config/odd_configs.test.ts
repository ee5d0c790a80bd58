// Configurations as deployments of osquery have them: what osquery takes is taken, what it would
// leave out is left out alone, and each of these is told.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./loaded_config.js";

type Files = Readonly<Record<string, string>>;

interface Case {
  readonly claim: string;
  /** The first is the main file; @ in arguments is their folder. */
  readonly files: Files;
  readonly args?: readonly string[];
  /** Names of the queries that are scheduled; null when the whole cannot be used. */
  readonly queries: readonly string[] | null;
  /** Problems, without what they say behind these words, in any order. */
  readonly told?: readonly string[];
}

const query = '{"query":"select 1","interval":60}';
const quotedQuery = `"q":${query}`;
const scheduled = (entries: Readonly<Record<string, unknown>>) =>
  JSON.stringify({
    schedule: Object.fromEntries(
      Object.entries(entries).map(([name, more]) => [
        name,
        { query: "select 1", interval: 60, ...Object(more) },
      ]),
    ),
  });
const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
const flags = ["--flagfile=@/osquery.flags"];
const withFlags = (text: string): Files => ({
  "osquery.conf": `{"schedule":{${quotedQuery}}}`,
  "osquery.flags": text,
});

const cases: readonly Case[] = [
  {
    claim: "whole lines of comments, blank lines and CRLF",
    files: {
      "osquery.conf": `// a\r\n\r\n{\r\n  # b\r\n "schedule": {\r\n// c\r\n${quotedQuery}}}\r\n# d`,
    },
    queries: ["q"],
  },
  {
    claim: "a byte order mark",
    files: { "osquery.conf": `\uFEFF{"schedule":{${quotedQuery}}}` },
    queries: ["q"],
  },
  {
    claim: "a comment that ends with a backslash takes the next line with it",
    files: { "osquery.conf": `# note \\\n{ nothing\n{"schedule":{${quotedQuery}}}` },
    queries: ["q"],
  },
  ...["/* x */ {}", "{} {}", "{'schedule': {}}", "", "# nothing\n", '{"a":[1,]}'].map((text) => ({
    claim: `${JSON.stringify(text)} is refused, as by osquery`,
    files: { "osquery.conf": text },
    queries: null,
    told: ["osquery.conf:"],
  })),
  {
    claim: "a tab in a string is refused with its place",
    files: { "osquery.conf": `{"schedule":{"q":{"query":"select\t1"}}}` },
    queries: null,
    told: ["osquery.conf:1:34: error: a tab or control character in a string"],
  },
  {
    claim: "32 levels are read",
    files: { "osquery.conf": `{"schedule":{${quotedQuery}},"x":${nested(31)}}` },
    queries: ["q"],
    told: ['osquery.conf:1:54: warning: unknown key "x"'],
  },
  {
    claim: "40 levels are refused",
    files: { "osquery.conf": `{"x":${nested(40)}}` },
    queries: null,
    told: ["osquery.conf:1:38: error: nested deeper than 32 levels"],
  },
  {
    claim: "more than 4 MiB are refused, 4 MiB of comments are not",
    files: { "osquery.conf": `${"# comment\n".repeat(500_000)}{"schedule":{${quotedQuery}}}` },
    queries: ["q"],
  },
  {
    claim: "5 MiB of JSON are refused",
    files: { "osquery.conf": `{"x":"${"a".repeat(5 * 2 ** 20)}"}` },
    queries: null,
    told: ["osquery.conf:1:1: error: larger than 4 MiB"],
  },
  {
    claim: "of equal keys the first is used, the others are reported",
    files: {
      "osquery.conf": `{"schedule":{${quotedQuery},\n"q":${query}},\n"schedule":{"z":${query}}}`,
    },
    queries: ["q"],
    told: [
      'osquery.conf:2:1: warning: duplicate key "q"',
      'osquery.conf:3:1: warning: duplicate key "schedule"',
    ],
  },
  {
    claim: "numbers and booleans as text, in every query key that has them",
    files: {
      "osquery.conf": scheduled({
        all: { interval: "60", snapshot: "True", removed: "f", denylist: "FALSE", shard: "100" },
      }),
    },
    queries: ["all"],
  },
  {
    claim: "intervals out of range or of no number skip their query",
    files: {
      "osquery.conf": scheduled({
        a: { interval: 0 },
        b: { interval: -1 },
        c: { interval: 604_801 },
        d: { interval: "5m" },
        e: { interval: null },
        f: { interval: true },
        g: { interval: 1.5 },
        h: { interval: "" },
        most: { interval: 604_800 },
        least: { interval: "1" },
      }),
    },
    queries: ["most", "least"],
    told: [..."abcdefgh"].map((name) => `schedule.${name}.interval must be `),
  },
  {
    claim: "a query without text is skipped",
    files: {
      "osquery.conf": scheduled({ none: { query: "" }, list: { query: ["select 1"] }, q: {} }),
    },
    queries: ["q"],
    told: ["schedule.none.query must not have fewer", "schedule.list.query must be string"],
  },
  {
    claim: "snapshot beside removed, and values of the wrong type",
    files: {
      "osquery.conf": scheduled({
        both: { snapshot: true, removed: true },
        odd: { snapshot: "perhaps", shard: "x", platform: null, version: 5 },
      }),
    },
    queries: ["both", "odd"],
    told: ["snapshot", "shard", "platform", "version"].map((key) => `schedule.odd.${key} must be`),
  },
  {
    claim: "a query or pack without a name is skipped",
    files: {
      "osquery.conf": `{"schedule":{"":${query}," ":${query},"q":${query}},"packs":{"":{"queries":{"p":${query}}}}}`,
    },
    queries: ["q"],
    told: [
      "osquery.conf:1:14: warning: the name of a query is empty",
      "warning: the name of a query is empty",
      "warning: the name of a pack is empty",
    ],
  },
  {
    claim: "names of osquery's own database are skipped, all others are names",
    files: {
      "osquery.conf": `{"schedule":${JSON.stringify(
        Object.fromEntries(
          ["my_epoch", "counter", "query.x", "a b", "ü/ü", "constructor"].map((name) => [
            name,
            { query: "select 1", interval: 60 },
          ]),
        ),
      ).replace("{", `{"__proto__":${query},`)}}`,
    },
    queries: ["__proto__", "a b", "ü/ü", "constructor"],
    told: ['query name "my_epoch"', 'query name "counter"', 'query name "query.x"'],
  },
  {
    claim: "keys that nothing reads are told, by names of JavaScript's own too",
    files: {
      "osquery.conf": `{"schedule":{${quotedQuery}},"constructor":1,"platform":"x","feature_vectors":{}}`,
    },
    queries: ["q"],
    told: ['unknown key "constructor"', 'unknown key "platform"', "feature_vectors has no effect"],
  },
  {
    claim: "sections of the wrong type are left out alone",
    files: {
      "osquery.conf": `{"schedule":{${quotedQuery}},"packs":["a.conf"],"options":[],"decorators":[],"file_paths":"/etc"}`,
    },
    queries: ["q"],
    told: ["packs must be an object", "decorators must be object", "file_paths must be object"],
  },
  {
    claim: "decorators at odd intervals are skipped",
    files: {
      "osquery.conf": `{"schedule":{${quotedQuery}},"decorators":{"load":"x","interval":{"60":["select 1"],"61":[],"x":[],"0":[]}}}`,
    },
    queries: ["q"],
    told: [
      "decorators.load must be array",
      "decorators.interval.61 must be a number",
      "decorators.interval.x must be a number",
      "decorators.interval.0 must be a number",
    ],
  },
  {
    claim: "packs in place, missing, broken, nested and by pattern",
    files: {
      "osquery.conf": `{"packs":{"in":{"queries":{${quotedQuery}},"packs":{"deep":{}}},"none":"none.conf","no":null,"*":"packs/*.conf"}}`,
      "packs/one.conf": `// a pack\n{"queries":{${quotedQuery}}}`,
      "packs/two two.conf": `{"queries":{${quotedQuery}}}`,
      "packs/broken.conf": `{"queries":{`,
      "packs/other.txt": "",
    },
    queries: ["pack_in_q", "pack_one_q", "pack_two two_q"],
    told: [
      'unknown key "packs" in packs.in',
      "cannot read none.conf",
      'pack "no" must be',
      "packs/broken.conf:1:13: warning: expected a key",
    ],
  },
  {
    claim: "an option whose value does not fit is left out alone",
    files: {
      "osquery.conf": `{"schedule":{${quotedQuery}},"options":{"schedule_splay_percent":"10%","events_max":null,"verbose":"maybe","custom_team":{"a":1},"worker_threads":"2","config_plugin":"filesystem"}}`,
    },
    queries: ["q"],
    told: [
      '--schedule_splay_percent must be a number, not "10%", ignored',
      '--events_max must be a number, not "null", ignored',
      '--verbose must be a boolean, not "maybe", ignored',
      "--worker_threads has no effect",
      "--config_plugin has no effect",
    ],
  },
  {
    claim: "the .d folder without hidden files, folders and other endings",
    files: {
      "osquery.conf": `{"schedule":{${quotedQuery}}}`,
      "osquery.conf.d/9.conf": `{"schedule":{"nine":${query}}}`,
      "osquery.conf.d/10.conf": `{"schedule":{"ten":${query},"nine":${query}}}`,
      "osquery.conf.d/.#9.conf": "an editor's lock",
      "osquery.conf.d/x.conf.bak": "{",
      "osquery.conf.d/folder.conf/x": "{",
    },
    queries: ["q", "ten", "nine"],
    told: ["query nine is declared twice"],
  },
  {
    claim: "a flagfile with comments, blanks, CRLF, a mark and bare flags",
    files: withFlags("\uFEFF# c\r\n\r\n  --verbose\r\n --nodisable_audit\r\n-logger_rotate=1\r\n"),
    args: flags,
    queries: ["q"],
  },
  {
    claim: "lines of a flagfile that are no flags are told",
    files: withFlags("events_max=5\n--events_expiry 9\n--no-verbose\n--undefok=x\n--verbose\n"),
    args: flags,
    queries: ["q"],
    told: [
      'osquery.flags:1:1: warning: "events_max=5" is not a flag',
      'osquery.flags:2:1: warning: "--events_expiry 9" is not a flag',
      'osquery.flags:3:1: warning: "--no-verbose" is not a flag',
      "osquery.flags:4:1: warning: unknown flag --undefok",
    ],
  },
  {
    claim: "a flag of a flagfile whose value does not fit is an error, as to gflags",
    files: withFlags("--events_max=many\n--verbose=maybe\n"),
    args: flags,
    queries: null,
    told: ['--events_max must be a number, not "many"', '--verbose must be a boolean, not "maybe"'],
  },
  {
    claim: "a logger that is not offered is an error before the daemon runs",
    files: withFlags("--logger_plugin=filesystem,tls\n--tls_hostname=fleet:443\n"),
    args: flags,
    queries: null,
    told: ['error: unknown logger "tls"', "--tls_hostname has no effect"],
  },
];

for (const { claim, files, args = [], queries, told = [] } of cases) {
  test(claim, (context) => {
    const { config, messages } = load(context, files, args);
    const names = config?.schedule.packs.flatMap((pack) => pack.queries.map(({ name }) => name));
    assert.deepEqual(names ?? null, queries, messages.join("\n"));
    const untold = told.filter((part) => !messages.some((message) => message.includes(part)));
    assert.deepEqual(untold, [], messages.join("\n"));
    assert.equal(messages.length, told.length, messages.join("\n"));
  });
}
