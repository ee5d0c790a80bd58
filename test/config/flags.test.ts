import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { daemonCommand } from "../../src/commands/daemon.js";
import { manualPage } from "../../src/commands/manual_page.js";
import { honouredFlags, notApplicableReason } from "../../src/config/flag_use.js";
import { effectiveFlags, findFlag } from "../../src/config/flags.js";
import { osqueryFlagAliases, osqueryFlags } from "../../src/config/generated/osquery_flags.js";
import { settingsSchema } from "../../src/config/settings_schema.js";

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

test("the manual of the daemon lists exactly the flags that have an effect", () => {
  const [, flags = ""] = manualPage(daemonCommand).split("\nFLAGS\n");
  const listed = [...flags.matchAll(/^ {4}--(?:\[no\])?(\w+)/gm)].map(([, name]) => name);
  const effective = effectiveFlags().map(({ name }) => name);
  assert.deepEqual(listed, effective);
  for (const name of honouredFlags) assert.ok(effective.includes(name), name);
  for (const { name } of osqueryFlags) {
    assert.equal(effective.includes(name), notApplicableReason(name) === null, name);
  }
});

test("every flag that is said to have an effect is read somewhere", () => {
  const declarations = /generated|config\/flag(?:s|_use)\.ts$/;
  const text = readdirSync("src", { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !declarations.test(join("src", file)))
    .map((file) => readFileSync(join("src", file), "utf8"))
    .join("\n");
  for (const name of honouredFlags) {
    assert.match(text, new RegExp(`["']${name}["']|\\bflags\\.${name}\\b`), name);
  }
  for (const { name, setting } of effectiveFlags()) {
    assert.ok(setting === undefined || isSetting(setting), name);
  }
});

/** Whether the schema of the settings has such a path. */
function isSetting(path: readonly string[]): boolean {
  let schema: unknown = settingsSchema;
  for (const key of path) {
    const { properties }: { properties?: Record<string, unknown> } = Object(schema);
    schema = properties?.[key];
  }
  return schema !== undefined;
}
