import assert from "node:assert/strict";
import { test } from "node:test";
import { type Paint, terminalPaint, withoutPaint } from "../../src/client/paint.js";
import { highlightSql } from "../../src/shell/highlight_sql.js";

const names = { tables: new Set(["users"]), functions: new Set(["count"]) };
const marked: Paint = (role, text) => `<${role}:${text}>`;

test("keywords, tables, functions, text, numbers and comments are told apart", () => {
  assert.equal(
    highlightSql("Select count(x) from users where a='it''s' and b=1.5 -- why", names, marked),
    "<keyword:Select> <function:count>(x) <keyword:from> <table:users> <keyword:where> a=<string:'it'><string:'s'> <keyword:and> b=<number:1.5> <comment:-- why>",
  );
});

test("quoted names are no text, and keywords within text or names are none", () => {
  assert.equal(
    highlightSql("\"select\" 'from' selected x1", names, marked),
    "\"select\" <string:'from'> selected x1",
  );
});

test("text and comments that an earlier line began go on in this one", () => {
  const before = "select 'a\n";
  assert.equal(
    highlightSql(`${before}from' from`, names, marked, before.length),
    "<string:from'> <keyword:from>",
  );
  const comment = "/* a\n";
  assert.equal(
    highlightSql(`${comment}select */ 1`, names, marked, comment.length),
    "<comment:select */> <number:1>",
  );
});

test("colours keep every character", () => {
  for (const sql of ["select [a b], `c`, x'00' from t;", "'", "--", "/*", "日本 'é", ""]) {
    assert.equal(withoutPaint(highlightSql(sql, names, terminalPaint)), sql);
  }
});
