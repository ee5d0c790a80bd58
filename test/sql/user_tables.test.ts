import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import Database from "better-sqlite3";
import type { UserTables } from "../../src/config/user_tables.js";
import { temporaryFolder } from "../config/temporary_folder.js";
import { eventually } from "../live/eventually.js";
import { type PoolFixture, request, resultOf, skip, withPool } from "./pool_fixture.js";

async function answer({ pool }: PoolFixture, sql: string): Promise<string> {
  const { text, outcome } = await resultOf(pool.run(request(sql)));
  return outcome.error?.message ?? text;
}

function browserDatabase(context: TestContext): string {
  const folder = temporaryFolder(context);
  for (const [name, url] of [
    ["a", "https://a.example"],
    ["b", "https://b.example"],
  ]) {
    const database = new Database(join(folder, `${name}.sqlite`));
    database.exec("CREATE TABLE visits (url TEXT, count INTEGER)");
    database.prepare("INSERT INTO visits VALUES (?, 3)").run(url);
    database.close();
  }
  writeFileSync(join(folder, "broken.sqlite"), "no database at all, but long enough to be read");
  return folder;
}

test("a table over other programs' databases has their rows and their paths", {
  skip,
}, (context) => {
  const folder = browserDatabase(context);
  const userTables: UserTables = {
    disabled: [],
    views: {},
    constructed: [
      {
        name: "visits",
        query: "select url, count from visits",
        path: `${folder}/%.sqlite`,
        columns: ["url", "count"],
      },
    ],
  };
  return withPool({ userTables }, async (fixture) => {
    assert.equal(
      await answer(fixture, "select *, typeof(count) as t from visits"),
      `{"url":"https://a.example","count":"3","path":"${folder}/a.sqlite","t":"text"}\n{"url":"https://b.example","count":"3","path":"${folder}/b.sqlite","t":"text"}\n`,
    );
  });
});

test("a table that is disabled is none, in views and joins too", { skip }, async () => {
  const userTables: UserTables = {
    disabled: ["shadow", "process_events", "nothing_of_ours", "etc_hosts"],
    views: { secrets: "select * from shadow" },
    constructed: [],
  };
  await withPool({ userTables }, async (fixture) => {
    for (const sql of [
      "select * from shadow",
      "select count(*) from users join shadow using (username)",
      "select count(*) from users natural join shadow",
      "select * from secrets",
      "select pid from process_events",
      "select * from hosts",
      "select * from pragma_table_info('shadow') where 0; select 1 from shadow",
    ]) {
      assert.match(await answer(fixture, sql), /^no such table: (main\.)?\w+$/, sql);
    }
    assert.equal(await answer(fixture, "select count(*) > 0 as x from users"), '{"x":1}\n');
    assert.equal(await answer(fixture, "select count(*) as n from socket_events"), '{"n":0}\n');
  });
});

test("views of the configuration can be queried, others are named with the reason", {
  skip,
}, async () => {
  const problems: string[] = [];
  const userTables: UserTables = {
    disabled: [],
    views: {
      root_user: "select username from users where uid = 0",
      broken: "select x from no_such_table",
      users: "select 1",
    },
    constructed: [],
  };
  const onProblem = (problem: string) => void problems.push(problem);
  await withPool({ userTables, onProblem }, async (fixture) => {
    assert.equal(await answer(fixture, "select * from root_user"), '{"username":"root"}\n');
    // A view is checked once it can be, beside the queries.
    await eventually(
      async () => problems.length,
      (count) => count === 2,
    );
    const [first = "", second = "", ...rest] = problems.toSorted();
    assert.match(first, /^cannot use view broken of the configuration: .*no_such_table/);
    assert.match(second, /^cannot use view users of the configuration: /);
    assert.deepEqual(rest, []);
    assert.notEqual(await answer(fixture, "select count(*) as n from users"), '{"n":0}\n');
  });
});

test("a view that takes too long to prepare is named, and troubles no other query", {
  skip,
}, async () => {
  // Each selects twice from the one before, which SQLite writes out for every use.
  const doubling = Array.from({ length: 40 }, (_, i) => [
    `v${i + 1}`,
    `select max(a.x) as x from v${i} a, v${i} b`,
  ]);
  const problems: string[] = [];
  const options = {
    userTables: {
      disabled: [],
      views: { ...Object.fromEntries(doubling.reverse()), v0: "select 1 as x" },
      constructed: [],
    },
    onProblem: (problem: string) => void problems.push(problem),
    inspectMs: 300,
  };
  await withPool(options, async (fixture) => {
    assert.equal(await answer(fixture, "select x from v2"), '{"x":1}\n');
    await eventually(
      async () => problems.at(-1) ?? "",
      (problem) => problem.endsWith("were not checked"),
    );
    assert.match(problems[0] ?? "", /^cannot use view v40 .*timed out after 300 ms/);
    assert.equal(await answer(fixture, "select x from v2"), '{"x":1}\n');
  });
});

test("another configuration's views hold from the next query on", { skip }, async () => {
  const views = (number: number): UserTables => ({
    disabled: [],
    views: { number: `select ${number} as n` },
    constructed: [],
  });
  await withPool({ userTables: views(1) }, async (fixture) => {
    assert.equal(await answer(fixture, "select n from number"), '{"n":1}\n');
    fixture.pool.setUserTables(views(2));
    assert.equal(await answer(fixture, "select n from number"), '{"n":2}\n');
  });
});
