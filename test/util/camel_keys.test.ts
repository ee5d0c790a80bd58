import assert from "node:assert/strict";
import { test } from "node:test";
import { camelKeys } from "../../src/util/camel_keys.js";

test("names of members are in camelCase at any depth, and values stay", () => {
  const given = {
    query_wait_ms: 5,
    tls: { client_ca_path: "/etc/my_ca.pem" },
    exclude: ["snake_line", { exe_prefix: "/opt/" }],
  };
  const expected: ReturnType<typeof camelKeys<typeof given>> = {
    queryWaitMs: 5,
    tls: { clientCaPath: "/etc/my_ca.pem" },
    exclude: ["snake_line", { exePrefix: "/opt/" }],
  };
  assert.deepEqual(camelKeys(given), expected);
  assert.equal(camelKeys(null), null);
});
