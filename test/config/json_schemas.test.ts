import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import Value from "typebox/value";
import { fileSchema, packSchema } from "../../src/config/file_schema.js";
import { logLineSchema } from "../../src/schedule/log_line_schema.js";

const schemas = { config: fileSchema, pack: packSchema, log_line: logLineSchema };

test("schemas/*.schema.json are what the code declares", () => {
  for (const [name, schema] of Object.entries(schemas)) {
    const { $schema, ...written } = JSON.parse(readFileSync(`schemas/${name}.schema.json`, "utf8"));
    assert.equal($schema, "https://json-schema.org/draft/2020-12/schema");
    const declared = JSON.parse(JSON.stringify(schema));
    assert.deepEqual(written, declared, `schemas/${name}.schema.json is stale: npm run schemas`);
  }
});

test("the schema of log lines takes each format and nothing else", () => {
  const shared =
    '"name":"q","hostIdentifier":"h","calendarTime":"Thu Aug  6 21:46:12 2026 UTC","unixTime":1786052772,"epoch":0,"counter":0,"numerics":false';
  const fits = (text: string) => Value.Check(logLineSchema, JSON.parse(text));
  assert.ok(fits(`{${shared},"columns":{"x":"1"},"action":"added"}`));
  assert.ok(fits(`{"diffResults":{"removed":[],"added":[{"x":"1"}]},${shared}}`));
  assert.ok(fits(`{"snapshot":[],"action":"snapshot",${shared}}`));
  assert.equal(fits(`{${shared},"columns":{"x":"1"},"action":"changed"}`), false);
});
