import assert from "node:assert/strict";
import { test } from "node:test";
import { request, resultOf, skip, withPool } from "./pool_fixture.js";

for (const total of [200, 1000]) {
  test(`${total} concurrent small queries are all answered`, { skip }, () =>
    withPool({}, async ({ pool }) => {
      const start = performance.now();
      const queries = Array.from({ length: total }, (_, index) =>
        pool.run(request("select ? as x, count(*) as users from users", { parameters: [index] })),
      );
      const results = await Promise.all(queries.map(resultOf));
      for (const [index, { text, outcome }] of results.entries()) {
        assert.equal(outcome.error, null);
        assert.match(text, new RegExp(`^\\{"x":${index},"users":\\d+\\}\\n$`));
      }
      console.log(`# ${total} queries in ${(performance.now() - start).toFixed(0)} ms`);
    }),
  );
}
