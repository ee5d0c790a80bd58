import assert from "node:assert/strict";
import { test } from "node:test";
import { displayText } from "../../src/client/display_text.js";
import { readCells, splitRows } from "../../src/client/row_cells.js";
import { displayWidth } from "../../src/client/text_width.js";
import { AuditqlError } from "../../src/errors.js";

const texts = (line: string) => readCells(line).map((cell) => cell.text);

test("64-bit integers keep every digit", () => {
  assert.deepEqual(texts('{"a":9223372036854775807,"b":-9223372036854775808}'), [
    "9223372036854775807",
    "-9223372036854775808",
  ]);
});

test("escapes are undone, also before quotes and at the end", () => {
  assert.deepEqual(texts('{"a":"\\\\","b":"\\"","c":"\\\\\\"","d":"\\u00e9\\n"}'), [
    "\\",
    '"',
    '\\"',
    "é\n",
  ]);
});

test("NULL, doubles and empty strings are told apart", () => {
  assert.deepEqual(texts('{"a":null,"b":"","c":1.5e-7,"d":"null"}'), [null, "", "1.5e-7", "null"]);
});

test("a row without columns is empty", () => assert.deepEqual(readCells("{}"), []));

test("what is not a row is refused", () => {
  const broken = [
    "",
    "[]",
    "{",
    '{"a":1',
    '{"a":1,',
    '"a":1}',
    '{"a":[1]}',
    '{"a"',
    '{"a":"x}',
    '{"a":1}x',
    '{"a":nul}',
  ];
  for (const line of broken) {
    assert.throws(
      () => readCells(line),
      (error) => error instanceof AuditqlError && error.code === "answer_unexpected",
      line,
    );
  }
});

test("a value of ten million characters is read", () => {
  assert.equal(texts(`{"a":"${"x".repeat(10_000_000)}"}`)[0]?.length, 10_000_000);
});

test("width counts columns of the terminal, not characters", () => {
  assert.equal(displayWidth("abc"), 3);
  assert.equal(displayWidth("日本"), 4);
  assert.equal(displayWidth("e\u0301"), 1);
});

test("control and direction characters are written out", () => {
  assert.equal(
    displayText("a\u001b[31m\n\t\u0000\u202eb\u{e0041}"),
    "a\\x1b[31m\\n\\t\\x00\\u202eb\\u{e0041}",
  );
  assert.equal(displayText("plain äöü 日本"), "plain äöü 日本");
});

test("the rows of an array are told apart whatever their strings hold", () => {
  const rows = ['{"a":1,"b":"},{"}', '{"a":18446744073709551615,"b":"\\"]}"}', "{}"];
  const json = `{"rows":[${rows.join(",")}],"truncatedBy":null}`;
  assert.deepEqual(splitRows(json, 8), rows);
  assert.deepEqual(splitRows('{"rows":[]}', 8), []);
  assert.throws(() => splitRows('{"rows":[{"a":1}', 8), { code: "answer_unexpected" });
  assert.throws(() => splitRows('{"rows":{}}', 8), { code: "answer_unexpected" });
});
