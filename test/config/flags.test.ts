import assert from "node:assert/strict";
import { test } from "node:test";
import { honouredFlags, notApplicableReason } from "../../src/config/flag_use.js";
import { findFlag, flagHelp } from "../../src/config/flags.js";
import { osqueryFlagAliases, osqueryFlags } from "../../src/config/generated/osquery_flags.js";

test("every flag of osquery is honoured or has a reason why not", () => {
  const unexplained = osqueryFlags
    .map((flag) => flag.name)
    .filter((name) => !honouredFlags.some((honoured) => honoured === name))
    .filter((name) => notApplicableReason(name) === null);
  assert.deepEqual(unexplained, []);
});

test("every older name of a flag leads to a flag", () => {
  for (const alias of Object.keys(osqueryFlagAliases)) assert.ok(findFlag(alias), alias);
});

test("--help shows every honoured flag that osquery's --help shows", () => {
  const text = flagHelp();
  for (const name of honouredFlags) {
    if (!findFlag(name)?.hidden) assert.match(text, new RegExp(`--(\\[no\\])?${name}[ =]`));
  }
});
