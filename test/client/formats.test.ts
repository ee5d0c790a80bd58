import assert from "node:assert/strict";
import { test } from "node:test";
import { allFormats, findFormat } from "../../src/client/formats/all.js";
import type { FormatOptions } from "../../src/client/formats/define_format.js";
import { noPaint, terminalPaint, withoutPaint } from "../../src/client/paint.js";

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

test("rows behind the sampled ones are wrapped to the widths of the sample on a terminal", () => {
  const lines = Array.from(
    { length: 10_001 },
    (_, n) => `{"n":"${n < 10_000 ? "short" : "x".repeat(12)}"}`,
  );
  const text = show("table", lines, { maxWidth: 80 }).trimEnd().split("\n");
  assert.deepEqual(text.slice(-4), ["| xxxxx |", "| xxxxx |", "| xx    |", "+-------+"]);
  const piped = show("table", lines).trimEnd().split("\n");
  assert.equal(piped.at(-2), `| ${"x".repeat(12)} |`);
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

for (const { name } of allFormats) {
  test(`one value of 1 MB among 10,000 rows costs ${name} about its own size`, () => {
    const wide = "x".repeat(1_000_000);
    const writer = findFormat(name)?.start(piped);
    assert.ok(writer);
    let [characters, longest, firstAt] = [0, 0, -1];
    let isWhole = false;
    const take = (text: string, at: number) => {
      if (text !== "" && firstAt < 0) firstAt = at;
      characters += text.length;
      longest = Math.max(longest, text.length);
      isWhole ||= text.includes(wide);
    };
    for (let row = 0; row < 10_000; row += 1) {
      take(writer.row(JSON.stringify({ i: row, v: row === 500 ? wide : "y", w: row })), row);
    }
    take(writer.end(["i", "v", "w"]), 10_000);
    assert.ok(isWhole, "the wide value is whole");
    // 10,000 rows that are padded to it would be 10 GB.
    assert.ok(characters < 20_000_000, `${characters} characters`);
    assert.ok(longest < 5_000_000, `${longest} characters at once`);
    assert.ok(firstAt < 9_999, `the first text comes with row ${firstAt}`);
  });
}

test("many wide columns are bounded together where no terminal bounds them", () => {
  const row = Object.fromEntries(
    Array.from({ length: 300 }, (_, at) => [`c${at}`, "x".repeat(at % 2 === 0 ? 600 : 1)]),
  );
  const narrow = Object.fromEntries(Object.keys(row).map((name) => [name, "y"]));
  const writer = findFormat("column")?.start(piped);
  assert.ok(writer);
  for (const each of [row, narrow]) writer.row(JSON.stringify(each));
  const lines = writer.end(Object.keys(row)).split("\n");
  assert.ok((lines[3] ?? "").length <= 8192 + 2 * 300, `${lines[3]?.length}`);
  assert.ok((lines[2] ?? "").includes("x".repeat(600)));
});
