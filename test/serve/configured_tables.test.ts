import assert from "node:assert/strict";
import { test } from "node:test";
import type { UserTables } from "../../src/config/user_tables.js";
import { configuredTables } from "../../src/serve/configured_tables.js";

test("workers are asked once for each configuration, and again while a view cannot be told", async () => {
  const asked: string[] = [];
  const broken = new Set(["b"]);
  const describe = configuredTables({
    async inspect(sql) {
      const name = /"(\w+)"/.exec(sql)?.[1] ?? "";
      asked.push(name);
      if (broken.has(name)) throw new Error("no such column");
      const counts = { parameterCount: 0, statementCount: 1, rejections: [] };
      return { columns: ["x"], eventTables: [], readsFacts: false, ...counts };
    },
  });
  const names = async (tables: UserTables) => (await describe(tables)).map(({ name }) => name);
  const first = {
    disabled: [],
    views: { a: "select 1 as x", b: "select 2 as x" },
    constructed: [],
  };
  assert.deepEqual(await names(first), ["a"]);
  broken.clear();
  assert.deepEqual(await names(first), ["a", "b"]);
  assert.deepEqual(await names(first), ["a", "b"]);
  assert.deepEqual(asked, ["a", "b", "a", "b"]);
  assert.deepEqual(await names({ disabled: [], views: { c: "select 3 as x" }, constructed: [] }), [
    "c",
  ]);
  assert.equal(asked.length, 5);
});
