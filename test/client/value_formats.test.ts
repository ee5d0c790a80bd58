// One table of values, and what each format makes of them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { findFormat } from "../../src/client/formats/all.js";
import { noPaint } from "../../src/client/paint.js";
import type { ResultFormat } from "../../src/native/connection.js";
import { request, resultOf, skip, withPool } from "../sql/pool_fixture.js";

interface Shown {
  readonly sql: string;
  /** In JSON of HTTP; `csv` there; in the shell; in osquery's log, as text and as a number. */
  readonly json: string;
  readonly csv: string;
  readonly shell: string;
  readonly log: string;
  readonly numeric: string;
}

const same = (sql: string, text: string): Shown => ({
  sql,
  json: text,
  csv: text,
  shell: text,
  log: `"${text}"`,
  numeric: text,
});

const values: readonly Shown[] = [
  same("1.0", "1.0"),
  same("avg(2)", "2.0"),
  same("-1.0", "-1.0"),
  same("0.0", "0.0"),
  same("0.1", "0.1"),
  { ...same("1e300", "1.0e+300"), log: '"1e+300.0"', numeric: "1e300" },
  { ...same("2.5e-9", "2.5e-09"), log: '"2.5e-09"', numeric: "2.5e-9" },
  same("42", "42"),
  same("9223372036854775807", "9223372036854775807"),
  same("-9223372036854775807 - 1", "-9223372036854775808"),
  { sql: "9e999", json: "null", csv: "", shell: "Inf", log: '"inf.0"', numeric: "null" },
  { sql: "-9e999", json: "null", csv: "", shell: "-Inf", log: '"-inf.0"', numeric: "null" },
  { sql: "''", json: '""', csv: '""', shell: "", log: '""', numeric: '""' },
  { sql: "x''", json: '""', csv: "", shell: "", log: '""', numeric: '""' },
  {
    sql: "cast('55' as blob)",
    json: '"NTU="',
    csv: "NTU=",
    shell: "55",
    log: '"55"',
    numeric: '"55"',
  },
  { sql: "cast('é' as blob)", json: '"w6k="', csv: "w6k=", shell: "é", log: '"é"', numeric: '"é"' },
  {
    sql: "x'ff00'",
    json: '"/wA="',
    csv: "/wA=",
    shell: "FF00",
    log: '"\\\\xFF\\u0000"',
    numeric: '"\\\\xFF\\u0000"',
  },
  { sql: "null", json: "null", csv: "", shell: "-", log: '""', numeric: '""' },
];

const statement = `select ${values.map(({ sql }, at) => `${sql} as c${String(at + 10)}`).join(", ")}`;
const names = values.map((_, at) => `c${at + 10}`);

const objectOf = (shown: readonly string[]) =>
  `{${names.map((name, at) => `"${name}":${shown[at]}`).join(",")}}`;

test("every value in every format of the workers, osquery's log among them", { skip }, async () => {
  await withPool({}, async ({ pool }) => {
    const textOf = async (format: ResultFormat) => {
      const { text, outcome } = await resultOf(pool.run(request(statement, { format })));
      assert.equal(outcome.error, null);
      return text;
    };
    const column = (key: "json" | "csv" | "log" | "numeric") => values.map((value) => value[key]);
    assert.equal(await textOf("ndjson"), `${objectOf(column("json"))}\n`);
    assert.equal(await textOf("json"), `[\n${objectOf(column("json"))}\n]\n`);
    assert.equal(await textOf("csv"), `${names.join(",")}\r\n${column("csv").join(",")}\r\n`);
    assert.equal(await textOf("osquery"), `${objectOf(column("log"))}\n`);
    assert.equal(await textOf("osquery_numerics"), `${objectOf(column("numeric"))}\n`);
  });
});

test("every value in every format of the shell", { skip }, async () => {
  await withPool({}, async ({ pool }) => {
    const { text } = await resultOf(pool.run(request(statement, { format: "shell" })));
    const line = text.trimEnd();
    const show = (format: string) => {
      const writer = findFormat(format)?.start({
        isHeaderShown: false,
        separator: null,
        nullText: "-",
        columnWidths: [],
        maxWidth: null,
        isTerminal: false,
        paint: noPaint,
      });
      return `${writer?.row(line)}${writer?.end(names)}`;
    };
    const shown = values.map(({ shell }) => shell);
    assert.equal(show("list"), `${shown.join("|")}\n`);
    assert.equal(show("tabs"), `${shown.join("\t")}\n`);
    assert.deepEqual(
      show("line").trimEnd().split("\n"),
      names.map((name, at) => `${name} = ${shown[at]}`.trimEnd()),
    );
    const cells =
      show("table")
        .split("\n")
        .find((each) => each.startsWith("| ")) ?? "";
    assert.deepEqual(
      cells
        .slice(1, -1)
        .split("|")
        .map((cell) => cell.trim()),
      shown,
    );
    // JSON of the shell keeps numbers and NULL, and is JSON.
    const row: unknown = JSON.parse(show("ndjson"));
    assert.deepEqual(row, JSON.parse(line));
    assert.match(line, /"c10":1\.0,.*"c20":1e999,"c21":-1e999,.*"c24":"55",.*"c26":"FF00"/);
  });
});
