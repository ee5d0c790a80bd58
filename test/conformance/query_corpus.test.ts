import assert from "node:assert/strict";
import { test } from "node:test";
import { skip as unbuilt, withPool } from "../sql/pool_fixture.js";
import { corpusPath, missingTables, readCorpus, runCorpus } from "./query_corpus.js";

const path = corpusPath();
const skip = unbuilt || (path === null ? "the corpus of queries is not here" : false);

test("there is a table for every table that people's Linux queries name", { skip }, () => {
  assert.deepEqual([...missingTables(readCorpus(path ?? ""))], []);
});

test("every query that people schedule on Linux prepares and runs", { skip }, async (t) => {
  await withPool({}, async ({ pool }) => {
    const queries = readCorpus(path ?? "");
    const failed: string[] = [];
    let withRows = 0;
    for await (const report of runCorpus(pool, queries)) {
      if (report.error !== null) failed.push(`${report.name}: ${report.error}`);
      if (report.rows > 0) withRows++;
    }
    t.diagnostic(`${queries.length} queries, ${withRows} with rows`);
    assert.deepEqual(failed, []);
  });
});
