import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { defaultServerLimits } from "../../src/serve/server_context.js";
import { tableSchemas } from "../../src/tables/generated/table_schemas.js";
import type { TableSchema } from "../../src/tables/table_schema.js";

const page = readFileSync("docs/deploy/security.md", "utf8");
/** Names of tests are code on the page. */
const withoutCode = page.replaceAll("`", "");

/** A test as the page names it: `file: "name"`, the file below test/serve/ or test/. */
interface NamedTest {
  readonly file: string;
  readonly name: string;
}

/** Names separated by commas belong to the file before them; a semicolon ends the list. */
function namedTests(text: string): readonly NamedTest[] {
  return text.split(";").flatMap((part) => {
    const [, file = "", names = ""] =
      /([a-z_]+(?:\/[a-z_]+)?):? ((?:"[^"]+"(?:, )?)+)/.exec(part) ?? [];
    return [...names.matchAll(/"([^"]+)"/g)].map(([, name = ""]) => ({ file, name }));
  });
}

function sourceOf(file: string): string {
  const path = file.includes("/") ? file : `serve/${file}`;
  return readFileSync(`test/${path}.test.ts`, "utf8");
}

test("each defence that the page claims names tests, and each of these is there", () => {
  const rows = [...withoutCode.matchAll(/^\| (.+) \| (.+) \| (.+: ".+) \|$/gm)];
  const threats = page.slice(page.indexOf("| threat |")).split("\n\n")[0]?.split("\n") ?? [];
  assert.equal(rows.length, threats.length - 2, "a row names no test");
  const named = namedTests([...rows.map(([, , , tests]) => tests), ...inText()].join("; "));
  assert.ok(named.length > 50, `${named.length} tests`);
  for (const { file, name } of named) {
    assert.ok(sourceOf(file).includes(`test("${name}"`), `${file}: "${name}"`);
  }
});

/** What is claimed outside of the table names its tests in brackets. */
function inText(): readonly string[] {
  return [...withoutCode.matchAll(/\(([a-z_/]+: "[^)]+")\)/g)].map(([, tests = ""]) => tests);
}

test("the bounds that the page tells are the default ones", () => {
  const { connections, tails, requestsPerMinute, failuresPerMinute } = defaultServerLimits;
  const { concurrentQueries, waitingQueries, bodyBytes, headerBytes } = defaultServerLimits;
  const { headersTimeoutMs, requestTimeoutMs, stalledClientMs } = defaultServerLimits;
  for (const bound of [
    `${connections} per listener`,
    `${requestsPerMinute} per minute and caller, ${concurrentQueries} running and ${waitingQueries} queued queries, ${tails} event streams`,
    `${failuresPerMinute} invalid ones per minute from one address`,
    `${bodyBytes / 1024} KiB, ${headerBytes / 1024} KiB`,
    `${headersTimeoutMs / 1000} s for headers, ${requestTimeoutMs / 1000} s for all`,
    `${stalledClientMs / 1000} s without reading a byte`,
  ]) {
    assert.ok(page.includes(bound), bound);
  }
});

/** Columns by which a query may choose what a table reads. */
const choosing = /path|director|dir$|file|url|sig|host|endpoint|namespace|node|device|agent/;

test("the page says of every path, pattern, rule and URL that a query may choose what is read", () => {
  const rows = page.match(/^\| `.+$/gm) ?? [];
  const missing: string[] = [];
  const schemas: readonly TableSchema[] = Object.values(tableSchemas);
  for (const { name, kind, columns } of schemas) {
    if (kind !== "state") continue;
    for (const column of columns) {
      const isChosen = column.required || column.index || column.additional || column.optimized;
      if (!isChosen || !choosing.test(column.name)) continue;
      const family = `\`${name.split("_")[0]}_…\``;
      const isTold = rows.some(
        (row) =>
          (row.includes(`\`${name}\``) || row.includes(family)) &&
          row.includes(`\`${column.name}\``),
      );
      if (!isTold) missing.push(`${name}.${column.name}`);
    }
  }
  assert.deepEqual(missing, []);
});
