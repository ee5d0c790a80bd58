// Prepares and runs every query of the corpus on this host and prints how each fared.
//   npm run compat        needs ../shared/corpus, or AUDITQL_CORPUS
import {
  corpusPath,
  missingTables,
  readCorpus,
  runCorpus,
} from "../dist/test/conformance/query_corpus.js";
import { PoolFixture } from "../dist/test/sql/pool_fixture.js";

const path = corpusPath();
if (path === null) {
  console.error("no queries: set AUDITQL_CORPUS to the folder that has queries/queries.jsonl");
  process.exit(2);
}
const queries = readCorpus(path);
const fixture = new PoolFixture();
let ran = 0;
let withRows = 0;
let elapsedMs = 0;
try {
  console.log("ran\trows\tms\tquery\tempty tables, or the error");
  for await (const report of runCorpus(fixture.pool, queries)) {
    const { name, error, rows, emptyTables } = report;
    const remark = error ?? emptyTables.join("; ");
    console.log(
      `${error === null ? "yes" : "no"}\t${rows}\t${report.elapsedMs}\t${name}\t${remark}`,
    );
    if (error === null) ran++;
    if (rows > 0) withRows++;
    elapsedMs += report.elapsedMs;
  }
} finally {
  await fixture.close();
}
for (const [table, count] of missingTables(queries)) {
  console.log(`missing table: ${table} (${count} queries)`);
}
const seconds = (elapsedMs / 1000).toFixed(1);
console.log(`${ran} of ${queries.length} queries ran, ${withRows} with rows, in ${seconds} s`);
process.exitCode = ran === queries.length ? 0 : 1;
