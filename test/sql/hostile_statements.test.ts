import assert from "node:assert/strict";
import { test } from "node:test";
import type { SqlValue } from "../../src/native/connection.js";
import { request, resultOf, skip, testLimits, uninterruptible, withPool } from "./pool_fixture.js";

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);
const counting = "with recursive n(i) as (select 1 union all select i + 1 from n)";
const nested = (depth: number, inner: string) =>
  `${"(select * from ".repeat(depth)}${inner}${")".repeat(depth)}`;

/** Statements that a bound of SQLite's or of a worker refuses, and what the error says. */
const refused: Readonly<Record<string, RegExp>> = {
  "select json_extract(replace(hex(zeroblob(500000)), '00', '['), '$[0]')": /malformed JSON/,
  "select length(printf('%.*c', 2000000000, 'x'))": /too big/,
  "select length(printf('%2000000000d', 1))": /too big/,
  "select length(zeroblob(2000000000))": /too big/,
  "select length(zeroblob(30000000) || zeroblob(30000000))": /too big/,
  "with recursive n(s) as (select 'x' union all select s || s from n) select max(s) from n":
    /too big/,
  [numbers(501)
    .map((i) => `select ${i}`)
    .join(" union ")]: /too many terms in compound SELECT/,
  [`select 1 where ${numbers(5000)
    .map((i) => `${i} = 0`)
    .join(" or ")}`]: /maximum depth 1000/,
  [`select ${"(".repeat(5000)}1${")".repeat(5000)}`]: /Recursion limit/,
  [`select ${"not ".repeat(50_000)}1`]: /Recursion limit/,
  [`select * from ${nested(3000, "users")}`]: /Recursion limit/,
  [`select ${numbers(3000)}`]: /too many columns/,
  [`select max(${numbers(2000)})`]: /too many arguments/,
  [`select count(*) from ${numbers(100).map((i) => `users u${i}`)}`]: /at most 64 tables/,
  [`select 1 -- ${"x".repeat(2 ** 20)}`]: /too big|too long/,
};

/** Statements that are large and nothing else. */
const answered: readonly (readonly [string, readonly SqlValue[]])[] = [
  [`select 7 in (${numbers(100_000)}) as x`, []],
  [
    `select count(*) = 100000 as x from (values ${numbers(100_000)
      .map((i) => `(${i})`)
      .join()})`,
    [],
  ],
  [`select 7 in (${numbers(10_000).map(() => "?")}) as x`, numbers(10_000)],
  // As deep as osquery takes them: lists of exceptions grow.
  [
    `select 'b' not like 'a0' and ${numbers(990)
      .map((i) => `'b' not like 'a${i}%'`)
      .join(" and ")} as x`,
    [],
  ],
  ["select printf('%.*c', 100000, 'a') not like '%a%a%a%a%a%a%a%a%b' as x", []],
  ["select printf('%.*c', 100000, 'a') not glob '*[a-z]*[a-z]*[a-z]*[a-z]*[0-9]' as x", []],
  ["select not coalesce(regex_match(printf('%.*c', 100000, 'a'), '(a+)+$b', 0), 0) as x", []],
];

const array = "'[' || replace(hex(zeroblob(100000)), '00', '1,') || '1]'";

/** Statements that never end. */
const endless: readonly string[] = [
  `${counting.replace("n(i) as (select 1", "n(i, j) as (select 1, '[]'").replace("select i + 1", "select i + 1, json_insert(j, '$[#]', i)")} select max(length(j)) from n`,
  `select count(*) from json_each(${array}) a, json_each(${array}) b`,
  `select count(*) from ${numbers(64).map((i) => `users u${i}`)}`,
  uninterruptible,
];

/** Each is written out twice in the next. */
const doubled = numbers(40).map(
  (i) => `, c${i + 1} as (select max(a.x) as x from c${i} a, c${i} b)`,
);

/** Statements that take ever more memory. */
const growing: readonly string[] = [
  `${counting} select length(json_group_array(printf('%.*c', 1000, 'x'))) from n`,
  `${counting} select length(b) from (select randomblob(100000) as b from n) order by b`,
  `with c0 as (select 1 as x)${doubled.join("")} select * from c40`,
];

test("statements beyond a bound are refused with the bound", { skip }, () =>
  withPool({ maxAdhocWorkers: 1 }, async ({ pool, engine }) => {
    for (const [sql, message] of Object.entries(refused)) {
      const { outcome } = await resultOf(pool.run(request(sql)));
      assert.equal(outcome.error?.code, "sql_error", sql.slice(0, 100));
      assert.match(outcome.error?.message ?? "", message, sql.slice(0, 100));
    }
    assert.equal(engine.counter({ stage: "sql", name: "adhoc", metric: "killed" }).get(), 0);
  }),
);

test("large statements are answered", { skip }, () =>
  withPool({ maxAdhocWorkers: 1 }, async ({ pool }) => {
    for (const [sql, parameters] of answered) {
      const { text, outcome } = await resultOf(pool.run(request(sql, { parameters })));
      assert.equal(outcome.error, null, sql.slice(0, 100));
      assert.equal(text, '{"x":1}\n', sql.slice(0, 100));
    }
  }),
);

for (const [kind, statements, code] of [
  ["never end", endless, "query_timeout"],
  ["take ever more memory", growing, "query_memory"],
] as const) {
  test(`statements that ${kind} end with ${code}, and trouble no other`, { skip }, () =>
    withPool({ graceMs: 200, maxAdhocWorkers: 2 }, async ({ pool }) => {
      const limits =
        code === "query_timeout"
          ? { ...testLimits, timeoutMs: 300, maxMemoryBytes: 0 }
          : { ...testLimits, timeoutMs: 600_000, maxMemoryBytes: 64 * 2 ** 20 };
      for (const sql of statements) {
        const hostile = resultOf(pool.run(request(sql, { limits })));
        const beside = await resultOf(pool.run(request("select 2 as x")));
        assert.equal(beside.text, '{"x":2}\n');
        assert.equal((await hostile).outcome.error?.code, code, sql.slice(0, 100));
      }
      assert.equal((await resultOf(pool.run(request("select 3 as x")))).text, '{"x":3}\n');
    }),
  );
}
