import assert from "node:assert/strict";
import { test } from "node:test";
import { messageOf } from "../../src/errors.js";
import { request, resultOf, skip, withPool } from "./pool_fixture.js";

/** Misspelt statements, and how the message of each ends. */
const misspelt: readonly (readonly [string, string])[] = [
  ["select * from proceses", 'no such table: proceses. Did you mean "processes"?'],
  ["select * from main.proceses", 'no such table: main.proceses. Did you mean "processes"?'],
  ["select * from proces_events", 'no such table: proces_events. Did you mean "process_events"?'],
  ["select * from my_veiw", 'no such table: my_veiw. Did you mean "my_view"?'],
  ["select * from my_fiels", 'no such table: my_fiels. Did you mean "my_files"?'],
  ["select pidd from processes", 'no such column: pidd. Did you mean "pid"?'],
  ["select p.pidd from processes p", 'no such column: p.pidd. Did you mean "pid"?'],
  [
    "select * from processes p join users u where u.usrname = 'x'",
    'no such column: u.usrname. Did you mean "username"?',
  ],
  ["select on_disc from processes", 'no such column: on_disc. Did you mean "on_disk"?'],
  ["select alpah from my_view", 'no such column: alpah. Did you mean "alpha"?'],
  ["select uper('x')", 'no such function: uper. Did you mean "upper"?'],
  [
    "select regex_mach(path, 'x', 0) from file",
    'no such function: regex_mach. Did you mean "regex_match"?',
  ],
  // Nothing is near, or the name is that of another table's column.
  ["select * from zzzzzzzzzzzzzz", "no such table: zzzzzzzzzzzzzz"],
  ["select p.username from processes p join users u using (uid)", "no such column: p.username"],
  ["selct 1", 'near "selct": syntax error'],
];

const userTables = {
  disabled: ["hash"],
  views: { my_view: "select 1 as alpha, 2 as beta" },
  constructed: [{ name: "my_files", query: "select 1", path: "/none/%.db", columns: ["a"] }],
};

test("a misspelt table, column or function is answered with the name meant", { skip }, async () => {
  await withPool({ userTables }, async ({ pool }) => {
    for (const [sql, expected] of misspelt) {
      const { outcome } = await resultOf(pool.run(request(sql)));
      assert.equal(outcome.error?.code, "sql_error", sql);
      assert.equal(outcome.error?.message, expected);
      await assert.rejects(pool.inspect(sql), (error) => {
        assert.equal(messageOf(error), expected);
        return true;
      });
    }
  });
});

test("a table that the configuration withholds is not suggested", { skip }, async () => {
  await withPool({ userTables }, async ({ pool }) => {
    await assert.rejects(pool.inspect("select * from hash"), (error) => {
      assert.equal(messageOf(error), "no such table: hash");
      return true;
    });
  });
});
