import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { allCommands } from "../../src/commands/all.js";
import { flagNames } from "../../src/config/flags.js";
import { settingsSchema } from "../../src/config/settings_schema.js";

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly patternProperties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
}

const root: SchemaNode = JSON.parse(JSON.stringify(settingsSchema));

const folders = ["src", "addon", "web", "docs"];
const texts = new Map(
  [
    "README.md",
    ...folders.flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: "utf8" })
        .filter((name) => /\.(ts|tsx|cc|h|md)$/.test(name) && !/(^|\/)build\//.test(name))
        .map((name) => join(folder, name)),
    ),
  ].map((path) => [path, readFileSync(path, "utf8")]),
);

/** What a key of a setting holds; undefined where there is no such key. */
function memberOf(node: SchemaNode, key: string): SchemaNode | undefined {
  const own = node.properties?.[key] ?? Object.values(node.patternProperties ?? {})[0];
  if (own !== undefined) return own;
  if (node.items !== undefined) return /^\d+$/.test(key) ? node.items : memberOf(node.items, key);
  return node.anyOf?.map((each) => memberOf(each, key)).find((found) => found !== undefined);
}

function isSetting(path: readonly string[]): boolean {
  const last = path.at(-1) ?? "";
  const parent = path
    .slice(0, -1)
    .reduce<SchemaNode | undefined>((at, key) => at && memberOf(at, key), root);
  if (parent === undefined) return false;
  // `max_*` names several.
  return last.endsWith("_")
    ? Object.keys(parent.properties ?? {}).some((key) => key.startsWith(last))
    : memberOf(parent, last) !== undefined;
}

function* namedSettings(text: string): Iterable<string> {
  const sections = Object.keys(settingsSchema.properties).join("|");
  for (const [path] of text.matchAll(new RegExp(`\\bauditql\\.(?:${sections})(?:\\.\\w+)*`, "g"))) {
    yield path;
  }
}

test("settings that are named anywhere exist", () => {
  assert.equal(isSetting(["limits", "schedule"]), false);
  assert.ok(isSetting(["log", "loggers", "http", "filter", "where"]));
  const unknown = [...texts].flatMap(([file, text]) =>
    [...namedSettings(text)]
      .filter((path) => !isSetting(path.split(".").slice(1)))
      .map((path) => `${file}: ${path}`),
  );
  assert.deepEqual(unknown, []);
});

/** Flags of auditctl(8), which has these only with an underscore. */
const otherFlags = ["backlog_wait_time", "reset_backlog_wait_time_actual", "reset_lost"];

test("flags that are named anywhere exist", () => {
  const options = allCommands.flatMap((command) => Object.keys(command.options));
  const known = new Set([...flagNames(), ...options, ...otherFlags]);
  const unknown = [...texts].flatMap(([file, text]) =>
    [...text.matchAll(/(?<![\w-])--([a-z][a-z0-9]*(?:_[a-z0-9]+)+)\b/g)]
      .map(([, flag = ""]) => flag)
      .filter((flag) => !known.has(flag))
      .map((flag) => `${file}: --${flag}`),
  );
  assert.deepEqual(unknown, []);
});

test("auditql.capture.backend takes the backends of the addon", () => {
  const listed = readFileSync("addon/capture/all.cc", "utf8").matchAll(/^ {4}\{"([\w-]+)",/gm);
  const { anyOf } = settingsSchema.properties.capture.properties.backend;
  assert.deepEqual(
    anyOf.map((choice) => choice.const),
    ["auto", ...[...listed].map(([, name]) => name), "none"],
  );
});
