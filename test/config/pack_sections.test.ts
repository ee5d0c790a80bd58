import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { requireConfig } from "../../src/config/load_config.js";
import { temporaryFolder } from "./temporary_folder.js";

test("decorators, views and constructed tables of packs are joined with those of the file", (context) => {
  const path = join(temporaryFolder(context), "osquery.conf");
  const constructed = { query: "select 1 as a", path: "/x/%.db", columns: ["a"] };
  const file = {
    decorators: { load: ["select 1 as one"] },
    views: { first: "select 1" },
    packs: {
      here: {
        platform: "linux",
        decorators: { load: ["select 2 as two"] },
        views: { second: "select 2" },
        auto_table_construction: {
          mine: constructed,
          mac: { ...constructed, platform: "darwin" },
        },
      },
      elsewhere: { platform: "darwin", views: { third: "select 3" } },
    },
  };
  writeFileSync(path, JSON.stringify(file));
  const { config } = requireConfig({ args: [`--config_path=${path}`] });
  assert.deepEqual(config.schedule.decorators.load, ["select 1 as one", "select 2 as two"]);
  assert.deepEqual(config.userTables, {
    views: { first: "select 1", second: "select 2" },
    constructed: [{ name: "mine", ...constructed }],
  });
});
