import assert from "node:assert/strict";
import { test } from "node:test";
import { closestName } from "../../src/util/closest_name.js";

test("a name is near another by its length: one edit in three characters", () => {
  for (const [name, known, expected] of [
    ["nosuch", ["cosh", "now"], null],
    ["nope", ["type", "pe"], null],
    ["ab", ["a", "abc"], null],
    ["pidd", ["pid", "uid"], "pid"],
    ["alpah", ["alpha"], "alpha"],
    ["my_veiw", ["my_view"], "my_view"],
    ["proces_evnts", ["process_events", "socket_events"], "process_events"],
    ["PID", ["pid"], "pid"],
  ] as const) {
    assert.equal(closestName(name, known), expected, name);
  }
});
