import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { CaptureConfig } from "../../src/config/config.js";
import { settingsSchema } from "../../src/config/settings_schema.js";
import { loadAddon } from "../../src/native/addon.js";
import { camelName } from "../../src/util/camel_keys.js";

/** By name: whether the field may be absent. */
type Fields = ReadonlyMap<string, boolean>;

interface ObjectSchema {
  readonly properties: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[] | undefined;
}

const { capture } = settingsSchema.properties;

/** Types that are derived from the schema of the settings. */
const schemas: Readonly<Record<string, ObjectSchema>> = {
  CaptureConfig: capture,
  Exclusion: capture.properties.exclude.items.anyOf[0],
  EnvironmentChoice: capture.properties.environment,
};

/** Types of objects of several forms, of which the addon may meet any. */
const unions = ["SocketEndpoint"];

const declarations = [
  ...readdirSync("src/native").map((file) => join("src/native", file)),
  "src/config/config.ts",
]
  .map((path) => readFileSync(path, "utf8"))
  .join("\n");

function schemaFields({ properties, required = [] }: ObjectSchema): Fields {
  return new Map(
    Object.keys(properties).map((name) => [camelName(name), !required.includes(name)]),
  );
}

/** Of an interface, with those of the one that it extends; of an Omit<…> without its field. */
function declaredFields(type: string): Fields {
  const schema = schemas[type];
  if (schema !== undefined) return schemaFields(schema);
  if (unions.includes(type)) return unionFields(type);
  const omit = new RegExp(`^export type ${type} = Omit<(\\w+), "(\\w+)">;$`, "m").exec(
    declarations,
  );
  if (omit !== null) {
    const fields = new Map(declaredFields(omit[1] ?? ""));
    fields.delete(omit[2] ?? "");
    return fields;
  }
  const found = new RegExp(
    `^export interface ${type} (?:extends (?:Omit<)?(\\w+)[^{]*)?\\{\\n(.*?)^\\}`,
    "ms",
  ).exec(declarations);
  assert.ok(found, `src/native and src/config/config.ts declare no interface ${type}`);
  const [, base, body = ""] = found;
  return new Map([...(base === undefined ? [] : declaredFields(base)), ...ownFields(body)]);
}

function ownFields(body: string): Fields {
  const members = body.split(/^ {2}(?=readonly )/m).slice(1);
  return new Map(
    members.map((member) => {
      const [, name = "", mark = ""] = /^readonly (\w+)(\??):/.exec(member) ?? [];
      return [name, mark === "?" || /\| null;\s*(\/\*\*.*)?$/s.test(member)];
    }),
  );
}

function unionFields(type: string): Fields {
  const [, body = ""] =
    new RegExp(`^export type ${type} =\\n(.*?);\\n\\n`, "ms").exec(declarations) ?? [];
  return new Map([...body.matchAll(/readonly (\w+)/g)].map(([, name = ""]) => [name, true]));
}

/** Tables of fields of the addon, by the name of their type. */
function nativeTables(): ReadonlyMap<string, Fields> {
  const sources = readdirSync("addon/bridge")
    .filter((file) => /\.(cc|h)$/.test(file))
    .map((file) => readFileSync(join("addon/bridge", file), "utf8"));
  const tables = sources.flatMap((text) => [
    ...text.matchAll(/const char\* type = "(\w+)";(.*?)all\[\] = \{(.*?)\n {2}\};/gs),
  ]);
  return new Map(
    tables.map(([, type = "", , rows = ""]) => {
      const fields = rows.matchAll(/(optional_)?field(?:_by)?<[^"]*>\("(\w+)"\)/g);
      return [type, new Map([...fields].map(([, mark, name = ""]) => [name, mark !== undefined]))];
    }),
  );
}

const sorted = (fields: Fields) => [...fields].sort(([a], [b]) => a.localeCompare(b));

test("each object for the addon has the same fields in C++ and in TypeScript", () => {
  const tables = nativeTables();
  assert.ok(tables.size >= 19, `${tables.size} tables of fields were found in addon/bridge/`);
  for (const [type, fields] of tables) {
    assert.deepEqual(sorted(fields), sorted(declaredFields(type)), type);
  }
});

test("the addon reads no field of an object but through a table", () => {
  for (const file of readdirSync("addon/bridge")) {
    const text = readFileSync(join("addon/bridge", file), "utf8");
    assert.doesNotMatch(text, /\.Get\("(?!next|done|value|Set|real)\w+"\)/, file);
  }
});

test("a field that is unknown, missing or of another type is rejected with its name", () => {
  const addon = loadAddon();
  const environment = { keep: [], redact: [] };
  const config: CaptureConfig = {
    ...{ audit: "auto" as const, rules: [], exclude: [], redactArguments: [], environment },
    backend: "none",
  };
  const problemOf = (changes: object) => {
    try {
      addon.checkCapture({ ...config, ...changes });
      return "";
    } catch (error) {
      return String(error);
    }
  };
  assert.equal(problemOf({}), "");
  assert.equal(problemOf({ mode: "multicast" }), "TypeError: CaptureConfig.mode is unknown");
  assert.equal(problemOf({ rules: undefined }), "TypeError: CaptureConfig.rules is missing");
  assert.equal(problemOf({ rules: [7] }), "TypeError: CaptureConfig.rules has another type");
  assert.equal(
    problemOf({ environment: { ...environment, keeps: [] } }),
    "TypeError: EnvironmentChoice.keeps is unknown",
  );
  assert.equal(problemOf({ exclude: [{ user: 0 }] }), "TypeError: Exclusion.user is unknown");
});
