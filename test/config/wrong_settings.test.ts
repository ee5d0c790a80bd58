import assert from "node:assert/strict";
import { test } from "node:test";
import Type from "typebox";
import { checkShape } from "../../src/config/check_shape.js";
import type { Diagnostic } from "../../src/config/diagnostic.js";
import type { JsonValue } from "../../src/config/json_document.js";
import { settingsSchema } from "../../src/config/settings_schema.js";
import { load } from "./loaded_config.js";

/** What is read here of a JSON Schema. */
interface Node {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly patternProperties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
}

/** A value that does not fit, and the path that a message must name. */
interface Wrong {
  readonly path: readonly string[];
  readonly value: JsonValue;
}

const wrongOfType: Readonly<Record<string, JsonValue>> = {
  object: 5,
  array: "text",
  string: 5,
  integer: "5",
  number: "0.5",
  boolean: "true",
};

/** For each key below a schema a wrong type, a wrong word, a wrong element and a misspelt key. */
function wrongValues(node: Node, path: readonly string[] = []): readonly Wrong[] {
  const { type, properties, patternProperties, items, anyOf = [] } = node;
  const record = Object.values(patternProperties ?? {})[0];
  const own = type === undefined ? [] : [{ path, value: wrongOfType[type] ?? null }];
  const words = anyOf.some((choice) => "const" in choice) ? [{ path, value: "zzz" }] : [];
  const union = anyOf.length > 0 ? [{ path, value: [[]] }] : [];
  return [
    ...own,
    ...words,
    ...union,
    ...(properties === undefined ? [] : [{ path: [...path, "zzzzzzzzz"], value: 1 }]),
    ...Object.entries(properties ?? {}).flatMap(([key, each]) => wrongValues(each, [...path, key])),
    ...(record === undefined ? [] : wrongValues(record, [...path, "some"])),
    ...(items === undefined ? [] : wrongValues(items, [...path, "0"])),
    ...anyOf.filter((choice) => choice.properties).flatMap((choice) => wrongValues(choice, path)),
  ].filter(({ path: at }) => at.length > 0);
}

function nest(path: readonly string[], value: JsonValue): JsonValue {
  return path.reduceRight<JsonValue>(
    (inner, key) => (key === "0" ? [inner] : { [key]: inner }),
    value,
  );
}

test("each wrong value under auditql is an error that names its path", (context) => {
  const all = wrongValues(settingsSchema as Node);
  assert.ok(all.length > 100, `${all.length} wrong values`);
  for (const { path, value } of all) {
    const text = JSON.stringify({ auditql: nest(path, value) });
    const { config, problems } = load(context, { "auditql.conf": text });
    const errors = problems.filter(({ severity }) => severity === "error");
    assert.equal(config, null, text);
    const last = path.at(-1) ?? "";
    const names = [
      ["auditql", ...path].join("."),
      `"${last}" in ${["auditql", ...path.slice(0, -1)].join(".")}`,
    ];
    assert.ok(
      errors.some(({ message }) => names.some((name) => message.includes(name))),
      `${text}: ${errors.map(({ message }) => message).join("; ")}`,
    );
    for (const { position } of errors) assert.equal(position?.line, 1, text);
  }
});

test("a value of another type is an error that names both types and its place", (context) => {
  const { config, messages } = load(context, {
    "auditql.conf": `{"auditql": {
      "state_path": 5,
      "tables": { "process_events": { "events_max": "5" } },
      "http": { "enabled": "true", "port": "0" },
      "capture": { "rules": [5] }
    }}`,
  });
  assert.equal(config, null);
  const start = "error: auditql";
  assert.deepEqual(messages.toSorted(), [
    `auditql.conf:2:7: ${start}.state_path must be string, not number.`,
    `auditql.conf:3:39: ${start}.tables.process_events.events_max must be integer, not string.`,
    `auditql.conf:4:17: ${start}.http.enabled must be boolean, not string.`,
    `auditql.conf:4:36: ${start}.http.port must be integer, not string.`,
    `auditql.conf:5:30: ${start}.capture.rules.0 must be string, not number.`,
  ]);
});

test("no text is made of a number in osquery's keys either", (context) => {
  const { messages } = load(context, {
    "osquery.conf": `{
      "schedule": { "q": { "query": 5, "interval": "10" } },
      "views": { "v": true },
      "decorators": { "load": [1] }
    }`,
  });
  assert.deepEqual(messages.toSorted(), [
    "osquery.conf:2:28: warning: schedule.q.query must be string, not number.",
    "osquery.conf:3:18: warning: views.v must be string, not boolean.",
    "osquery.conf:4:32: warning: decorators.load.0 must be string, not number.",
  ]);
});

test("a value that may have several types has one error, of the type that it has", (context) => {
  const { messages } = load(context, {
    "auditql.conf": `{"auditql": {
      "capture": { "exclude": [{ "exee": "/bin/x" }, { "exe": "/bin/x", "uid": "root" }, {}, 5] },
      "http": { "socket_users": ["root", -1, true] }
    }}`,
  });
  const exclude = "error: auditql.capture.exclude";
  assert.deepEqual(messages.toSorted(), [
    `auditql.conf:2:34: ${exclude}.0.exee is an unknown key. Did you mean "exe"?`,
    `auditql.conf:2:73: ${exclude}.1.uid must be integer, not string.`,
    `auditql.conf:2:90: ${exclude}.2 must not have fewer than 1 properties.`,
    `auditql.conf:2:94: ${exclude}.3 must be object or string, not number.`,
    "auditql.conf:3:42: error: auditql.http.socket_users.1 must be >= 0.",
    "auditql.conf:3:46: error: auditql.http.socket_users.2 must be string or integer, not boolean.",
  ]);
});

test("a logger of the user's own is not called unknown because of another wrong setting", (context) => {
  const { messages } = load(context, {
    "auditql.conf": `{"auditql": {
      "store": "ram", "log": { "loggers": { "mine": { "module": "/etc/mine.mjs" } } }
    }}`,
    "auditql.flags": "--logger_plugin=mine",
  });
  assert.deepEqual(messages, [
    "auditql.conf:2:7: error: auditql.store must be one of disk, memory.",
  ]);
});

test("a section with very many wrong values is an error that names each", (context) => {
  const rules = Array.from({ length: 500 }, () => ({}));
  const text = JSON.stringify({ auditql: { capture: { rules }, enrichment: { hashes: ["x"] } } });
  const { config, messages } = load(context, { "auditql.conf": text });
  assert.equal(config, null);
  assert.equal(messages.length, 501);
  assert.match(messages.join("\n"), /auditql\.capture\.rules\.499 must be string/);
});

test("a word that is not among many is named, and voids nothing else", (context) => {
  const text = `{"auditql": {
    "state_path": "scratch/state",
    "enrichment": { "hashes": ["sha512", "sha99"] }
  }}`;
  const { config, messages } = load(context, { "auditql.conf": text });
  assert.equal(config, null);
  assert.equal(messages.length, 1);
  assert.match(
    messages[0] ?? "",
    /^auditql\.conf:3:42: error: auditql\.enrichment\.hashes\.1 must be one of sha256, .*xxh64\.$/,
  );
});

test("a misspelt key is an error under auditql, at every depth, and a warning elsewhere", (context) => {
  const { config, messages } = load(context, {
    "auditql.conf": `{
      "auditql": {
        "limts": 1,
        "tables": { "process_events": { "event_max": 1 } },
        "log": { "loggers": { "filesystem": { "filtr": {} } } },
        "http": { "tls": { "certificate_path": "c", "key_path": "k", "client_ca": "a" } },
        "capture": { "exclude": [{ "exes": "/bin/true" }] }
      }
    }`,
  });
  assert.equal(config, null);
  const found = messages.map((message) => message.replace(/^auditql\.conf:(\d+):\d+: /, "$1 "));
  for (const message of [
    '3 error: unknown key "limts" in auditql. Did you mean "limits"?',
    '4 error: unknown key "event_max" in auditql.tables.process_events. Did you mean "events_max"?',
    '5 error: unknown key "filtr" in auditql.log.loggers.filesystem. Did you mean "filter"?',
    '6 error: unknown key "client_ca" in auditql.http.tls.',
    '7 error: auditql.capture.exclude.0.exes is an unknown key. Did you mean "exe"?',
  ]) {
    assert.ok(found.includes(message), `${message} is not in\n${found.join("\n")}`);
  }
  const elsewhere = load(context, {
    "auditql.conf": `{
      "scedule": {},
      "schedule": { "a": { "query": "select 1", "intervall": 1 } },
      "packs": { "p": { "querys": {}, "queries": { "b": { "query": "select 1", "snap": 1 } } } },
      "options": { "events_maxx": 1 },
      "yara": { "signature": {} },
      "auditql": {}
    }`,
  });
  assert.notEqual(elsewhere.config, null);
  assert.deepEqual(
    elsewhere.messages
      .map((message) => message.replace(/^auditql\.conf:(\d+):\d+: (.*?)[.,]? .*$/, "$1 $2"))
      .toSorted(),
    ["2 warning:", "3 warning:", "4 warning:", "4 warning:", "5 warning:", "6 warning:"],
  );
});

test("a shape that cannot be read is never without a problem", () => {
  const many = Type.Union(
    ["a", "b", "c", "d", "e", "f", "g", "h", "i"].map((word) => Type.Literal(word)),
  );
  const schemas = [
    Type.Object({ one: many }),
    Type.Object({ one: Type.Array(many) }),
    Type.Object({ one: Type.Never() }),
    Type.Object({ one: Type.Array(Type.Integer(), { uniqueItems: true, maxItems: 2 }) }),
    Type.Object({ one: Type.Object({ two: Type.String({ pattern: "^/" }) }) }),
  ];
  const values: readonly JsonValue[] = [
    5,
    {},
    { one: "z" },
    { one: ["z", "y"] },
    { one: [1, 1, 1] },
    { one: { two: "x" } },
    null,
  ];
  for (const severity of ["error", "skip"] as const) {
    for (const schema of schemas) {
      for (const value of values) {
        const problems: Diagnostic[] = [];
        const source = {
          path: [],
          positionOf: () => ({ file: "f", line: 1, column: 1 }),
          report: (problem: Diagnostic) => void problems.push(problem),
        };
        const shape = checkShape(schema, value, { source, severity, coercion: "none" });
        assert.ok(shape !== null || problems.length > 0, JSON.stringify([schema, value]));
      }
    }
  }
});
