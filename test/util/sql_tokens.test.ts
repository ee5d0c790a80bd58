import assert from "node:assert/strict";
import { test } from "node:test";
import { splitStatements } from "../../src/util/sql_tokens.js";

const cases: readonly [string, readonly string[], string][] = [
  ["select 1;", ["select 1"], ""],
  ["select 1; select 2", ["select 1"], " select 2"],
  ["select ';'; select \";\";", ["select ';'", 'select ";"'], ""],
  ["select `;`, [;];", ["select `;`, [;]"], ""],
  ["select 'it''s;';", ["select 'it''s;'"], ""],
  ["select 1 -- ; no\n;", ["select 1 -- ; no"], ""],
  ["select 1 /* ; \n ; */;", ["select 1 /* ; \n ; */"], ""],
  [";; ;", [], ""],
  ["-- only a comment\n", [], ""],
  ["/* closed */ ", [], ""],
  ["/* open", [], "/* open"],
  ["select 'open;", [], "select 'open;"],
  ["select 4 - 2 / 1;", ["select 4 - 2 / 1"], ""],
  ["", [], ""],
];

for (const [text, statements, rest] of cases) {
  test(`${JSON.stringify(text)} is ${statements.length} statement(s) and ${rest === "" ? "no" : "a"} rest`, () => {
    const split = splitStatements(text);
    assert.deepEqual([split.statements, split.rest], [statements, rest]);
  });
}

test("a string of ten million characters is split without harm", () => {
  const text = `select '${"x".repeat(10_000_000)}'`;
  assert.equal(splitStatements(`${text};`).statements[0], text);
});

test("what a text leaves open is told", () => {
  const opens = [
    "select 'a",
    'select "a',
    "select `a",
    "select [a",
    "select 1 /* a",
    "select 'a'';",
  ];
  assert.deepEqual(
    opens.map((text) => splitStatements(text).open),
    ["'", '"', "`", "[", "/*", "'"],
  );
  for (const text of ["select 'a'", "/**/ select", "select 1", "select '';", "-- it's"]) {
    assert.equal(splitStatements(text).open, null, text);
  }
});
