import assert from "node:assert/strict";
import { test } from "node:test";
import { allFormats, findFormat } from "../../src/shell/formats/all.js";
import type { FormatOptions } from "../../src/shell/formats/define_format.js";
import { noPaint, terminalPaint, withoutPaint } from "../../src/shell/paint.js";

const piped: FormatOptions = {
  isHeaderShown: true,
  separator: null,
  nullText: "",
  columnWidths: [],
  maxWidth: null,
  isTerminal: false,
  paint: noPaint,
};

const rows = [
  '{"pid":1,"path":"/sbin/init","note":null}',
  '{"pid":18446744073709551615,"path":"/usr/bin/日本","note":"a,\\"b\\""}',
];

function show(name: string, lines: readonly string[], options: Partial<FormatOptions> = {}) {
  const writer = findFormat(name)?.start({ ...piped, ...options });
  assert.ok(writer);
  return lines.map((line) => writer.row(line)).join("") + writer.end(["pid", "path", "note"]);
}

const golden: Readonly<Record<string, string>> = {
  table: `
+----------------------+---------------+-------+
| pid                  | path          | note  |
+----------------------+---------------+-------+
| 1                    | /sbin/init    |       |
| 18446744073709551615 | /usr/bin/日本 | a,"b" |
+----------------------+---------------+-------+
`,
  box: `
┌──────────────────────┬───────────────┬───────┐
│ pid                  │ path          │ note  │
├──────────────────────┼───────────────┼───────┤
│ 1                    │ /sbin/init    │       │
│ 18446744073709551615 │ /usr/bin/日本 │ a,"b" │
└──────────────────────┴───────────────┴───────┘
`,
  column: `
pid                   path           note
--------------------  -------------  -----
1                     /sbin/init
18446744073709551615  /usr/bin/日本  a,"b"
`,
  line: `
 pid = 1
path = /sbin/init
note =

 pid = 18446744073709551615
path = /usr/bin/日本
note = a,"b"
`,
  tabs: `
pid	path	note
1	/sbin/init	
18446744073709551615	/usr/bin/日本	a,"b"
`,
  markdown: `
| pid | path | note |
| --- | --- | --- |
| 1 | /sbin/init |  |
| 18446744073709551615 | /usr/bin/日本 | a,"b" |
`,
  list: `
pid|path|note
1|/sbin/init|
18446744073709551615|/usr/bin/日本|a,"b"
`,
  csv: `
pid,path,note
1,/sbin/init,
18446744073709551615,/usr/bin/日本,"a,""b"""
`,
  json: `
[
  {"pid":1,"path":"/sbin/init","note":null},
  {"pid":18446744073709551615,"path":"/usr/bin/日本","note":"a,\\"b\\""}
]
`,
  json_pretty: `
[
  {
    "pid": 1,
    "path": "/sbin/init",
    "note": null
  },
  {
    "pid": 18446744073709551615,
    "path": "/usr/bin/日本",
    "note": "a,\\"b\\""
  }
]
`,
  ndjson: `
{"pid":1,"path":"/sbin/init","note":null}
{"pid":18446744073709551615,"path":"/usr/bin/日本","note":"a,\\"b\\""}
`,
};

for (const { name } of allFormats) {
  test(`${name} shows rows as it always has`, () => {
    assert.equal(`\n${show(name, rows)}`, golden[name]);
  });

  test(`${name} lets no control character of a value reach a terminal`, () => {
    const hostile = '{"pid":1,"path":"\\u001b]0;owned\\u0007\\u009b2J\\u202egnp.exe\\r\\n"}';
    const raw = hostile.replace("\\u009b", "\u009b").replace("\\u202e", "\u202e");
    const text = show(name, [hostile, raw], { isTerminal: true });
    assert.doesNotMatch(text.replace(/[\n\t]/g, ""), /[\p{Cc}\u202e]/u);
    assert.match(text, /owned/);
  });
}

test("an empty result is an empty array in JSON, a header in CSV and nothing in a table", () => {
  assert.deepEqual(JSON.parse(show("json", [])), []);
  assert.equal(show("csv", []), "pid,path,note\n");
  assert.equal(show("table", []), "");
  assert.equal(show("ndjson", []), "");
});

test("a machine-readable format passes values on unchanged when it is piped", () => {
  assert.equal(show("list", ['{"a":"x\\ny"}'], { isHeaderShown: false }), "x\ny\n");
  assert.equal(show("csv", ['{"a":"x\\ny"}'], { isHeaderShown: false }), '"x\ny"\n');
});

test("the header, the separator and the text for NULL are as asked", () => {
  const options = { isHeaderShown: false, separator: "\t", nullText: "NULL" };
  assert.equal(show("list", rows.slice(0, 1), options), "1\t/sbin/init\tNULL\n");
  assert.equal(show("csv", rows.slice(0, 1), options), "1\t/sbin/init\tNULL\n");
  assert.doesNotMatch(show("table", rows, options), /path/);
});

test("a table that is wider than the terminal wraps values and loses none", () => {
  const value = "0123456789".repeat(12);
  const text = show("table", [`{"id":1,"value":"${value}"}`], { maxWidth: 60 });
  for (const line of text.trimEnd().split("\n")) assert.ok(line.length <= 60, line);
  const digits = text
    .split("\n")
    .slice(3)
    .map((line) => line.split("|")[2]?.trim() ?? "");
  assert.equal(digits.join(""), value);
});

test("columns of the same name and with numeric names stay where they are", () => {
  const text = show("list", ['{"b":1,"a":2,"b":3,"1":4}']);
  assert.equal(text, "b|a|b|1\n1|2|3|4\n");
});

test("rows behind the sampled ones are wrapped to the widths of the sample", () => {
  const lines = Array.from(
    { length: 10_001 },
    (_, n) => `{"n":"${n < 10_000 ? "short" : "x".repeat(12)}"}`,
  );
  const text = show("table", lines).trimEnd().split("\n");
  assert.deepEqual(text.slice(-4), ["| xxxxx |", "| xxxxx |", "| xx    |", "+-------+"]);
});

test("colours change nothing but the colours, and no format has them unasked", () => {
  for (const { name } of allFormats) {
    const coloured = show(name, rows, { paint: terminalPaint, isTerminal: true });
    assert.equal(withoutPaint(coloured), show(name, rows, { isTerminal: true }), name);
    assert.equal(withoutPaint(show(name, rows)), show(name, rows), name);
  }
});

test("each live row is shown at once, in columns that grow", () => {
  for (const name of ["table", "box", "column"]) {
    const writer = findFormat(name)?.startLive(piped);
    assert.equal(writer?.row('{"pid":1,"path":"/a","x":"y"}'), "pid  path  x\n1    /a    y\n");
    assert.equal(writer?.row('{"pid":10000,"path":"/b","x":""}'), "10000  /b\n");
    const long = "/".repeat(50);
    assert.equal(writer?.row(`{"pid":2,"path":"${long}","x":"y"}`), `2      ${long}  y\n`);
    assert.equal(writer?.end([]), "");
    const narrow = findFormat(name)?.startLive({ ...piped, maxWidth: 9 });
    assert.equal(narrow?.row('{"a":1,"b":"日本日本日本"}'), "a  b\n1  日本…\n");
  }
});

test("a value cannot end a cell of Markdown, nor become a link or HTML", () => {
  const shown = show("markdown", ['{"a":"x | [y](http://z) <b> `c`"}']);
  assert.match(shown, /\| x \\\| \\\[y\\\]\(http:\/\/z\) \\<b\\> \\`c\\` \|\n$/);
});
