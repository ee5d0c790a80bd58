import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { functionListStatement, isOfferedFunction } from "../../src/sql/function_list.js";
import type { WorkerPool } from "../../src/sql/worker_pool.js";
import { request, resultOf, skip, withPool } from "./pool_fixture.js";

const page = readFileSync(join(process.cwd(), "docs/reference/functions.md"), "utf8");
/** Functions whose second argument the last columns are about. */
const ofSecond = new Set(["in_cidr_block", "cidr_match"]);

interface Example {
  readonly name: string;
  readonly values: readonly string[];
  /** With the example itself, with NULL, with empty text and with another type. */
  readonly results: readonly string[];
}

const code = (cell: string) => cell.replace(/^`|`$/g, "").replaceAll("\\|", "|");

const examples: readonly Example[] = page
  .split("\n")
  .filter((line) => line.startsWith("| `"))
  .map((line) => {
    const [, call = "", result = "", , ...varied] = line
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim());
    const [, name = "", list = ""] = /^(\w+)\((.*)\)$/.exec(code(call)) ?? [];
    return {
      name,
      values: list === "" ? [] : list.split(", "),
      results: [result, ...varied.slice(0, 3)].map(code),
    };
  });

/** As a literal of SQLite, or `error`. */
async function quotedValue(pool: WorkerPool, expression: string): Promise<string> {
  const { text, outcome } = await resultOf(pool.run(request(`select quote(${expression}) as v`)));
  return outcome.error === null ? JSON.parse(text).v : "error";
}

/** Digits of transcendental functions differ between C libraries in the last place. */
const isSame = (left: string, right: string): boolean =>
  left === right || (/^-?\d+\.\d{9}/.test(left) && Math.abs(Number(left) - Number(right)) < 1e-9);

test("docs/reference/functions.md has every function that is offered, and no other", {
  skip,
}, async () => {
  await withPool({}, async ({ pool }) => {
    const { text } = await resultOf(pool.run(request(functionListStatement)));
    const offered = text
      .trim()
      .split("\n")
      .map((line) => String(JSON.parse(line).name))
      .filter(isOfferedFunction);
    const own = page.slice(page.indexOf("## SQLite's own"));
    const listed = [...own.matchAll(/`(\w+)`/g)].map(([, name = ""]) => name);
    assert.deepEqual([...listed, ...examples.map(({ name }) => name)].sort(), offered.sort());
  });
});

test("what docs/reference/functions.md says of each function is what it gives", {
  skip,
}, async () => {
  assert.ok(examples.length > 40);
  await withPool({}, async ({ pool }) => {
    for (const { name, values, results } of examples) {
      const at = ofSecond.has(name) ? 1 : 0;
      const other = values[at]?.startsWith("'") ? "5" : "'x'";
      const varied = values.length === 0 ? [] : ["NULL", "''", other];
      const calls = [values, ...varied.map((value) => values.with(at, value))];
      for (const [index, each] of calls.entries()) {
        const call = `${name}(${each.join(", ")})`;
        const found = await quotedValue(pool, call);
        assert.ok(isSame(results[index] ?? "", found), `${call}: ${found}, not ${results[index]}`);
      }
    }
    // Both families, and what is no address, in one column.
    const mixed =
      "(select '10.1.2.3' a union all select '::1' union all select '' union all select null)";
    const matched = `(select group_concat(coalesce(cidr_match('10.0.0.0/8', a), '-')) from ${mixed})`;
    assert.equal(await quotedValue(pool, matched), "'1,0,-,-'");
  });
});
