// A daemon with a query that never ends, to be killed by worker_pool.test.ts.
import { endlessQuery, PoolFixture, request, resultOf } from "./pool_fixture.js";

const { pool } = new PoolFixture();
await resultOf(pool.run(request("select 1")));
void resultOf(pool.run(request(endlessQuery)));
void resultOf(pool.run(request("select 1", { role: "schedule" })));
console.log("running");
