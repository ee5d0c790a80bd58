import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { allCommands } from "../../src/commands/all.js";
import { fileSchema } from "../../src/config/file_schema.js";
import { flagNames } from "../../src/config/flags.js";
import { settingsSchema } from "../../src/config/settings_schema.js";
import { shortenedKey } from "../../src/log/shorten_line.js";
import { tableSchemas } from "../../src/tables/generated/table_schemas.js";
import type { TableSchema } from "../../src/tables/table_schema.js";

/** A text that a user may read, and where it is. */
interface Place {
  readonly file: string;
  readonly text: string;
}

const generated = /(?:^|\/)generated\/|^addon\/build\//;

function filesBelow(folder: string, name: RegExp): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((file) => join(folder, file))
    .filter((file) => name.test(file) && !generated.test(file));
}

const read = (file: string): Place => ({ file, text: readFileSync(file, "utf8") });
const docs = ["README.md", "CONTRIBUTING.md", ...filesBelow("docs", /^docs\/[\w/-]+\.md$/)].map(
  read,
);
const sources = [
  ...filesBelow("src", /\.ts$/),
  ...filesBelow("addon", /\.(?:cc|h)$/),
  ...filesBelow("web", /\.tsx?$/),
  ...filesBelow("schemas/tables", /\.json$/),
].map(read);
const everything = [...docs, ...sources];

/** What `pattern` finds that `exists` does not know, as `file: what was found`. */
function unknown(
  places: readonly Place[],
  pattern: RegExp,
  exists: (found: string) => boolean,
): readonly string[] {
  return places.flatMap(({ file, text }) =>
    [...text.matchAll(pattern)]
      .map(({ 1: found = "" }) => found)
      .filter((found) => !exists(found))
      .map((found) => `${file}: ${found}`),
  );
}

/** Whether a schema has such a path of keys; keys of a record are free. */
function hasPath(schema: unknown, path: readonly string[]): boolean {
  const [key, ...rest] = path;
  if (key === undefined) return true;
  const { properties, anyOf, items, patternProperties, additionalProperties } = Object(schema);
  const inner = [
    properties?.[key],
    ...Object.values(patternProperties ?? {}),
    ...(typeof additionalProperties === "object" ? [additionalProperties] : []),
  ].filter((each) => each !== undefined);
  const alternatives: readonly unknown[] = [
    ...(anyOf ?? []),
    ...(items === undefined ? [] : [items]),
  ];
  return (
    inner.some((each) => hasPath(each, rest)) || alternatives.some((each) => hasPath(each, path))
  );
}

/** `auditql.` also begins names of files, and of a module. */
const fileEndings = new Set([
  ..."conf d results snapshots sock node service flags example log journald status".split(" "),
  ..."internal logger INFO WARNING ERROR db gz md csv".split(" "),
]);

test("every setting under auditql that a text names is in the schema", () => {
  const isSetting = (name: string) => {
    const path = name.split(".");
    // Of a name that a program completes, the beginning is there.
    if (path.at(-1)?.endsWith("_") === true) path.pop();
    return fileEndings.has(path[0] ?? "") || hasPath(settingsSchema, path);
  };
  assert.deepEqual(unknown(everything, /\bauditql\.([a-z_]\w*(?:\.[a-z_]\w*)*)/g, isSetting), []);
  const sections = "http|capture|enrichment|limits|workers|log";
  const inDocs = new RegExp(`\`((?:${sections})\\.[a-z_]+(?:\\.[a-z_]+)*)\``, "g");
  const isKnown = (name: string) => isSetting(name) || hasPath(fileSchema, name.split("."));
  assert.deepEqual(unknown(docs, inDocs, isKnown), []);
});

/** Options of other programs that texts show how to call. */
const othersOptions = new Set(
  [
    // curl
    "unix-socket data-urlencode cacert cert key",
    // auditctl
    "reset-lost reset_lost reset_backlog_wait_time_actual backlog_wait_time loginuid-immutable",
    // setpriv, docker, systemd-run, getcap
    "reuid init-groups inh-caps ambient-caps pid cap-add security-opt",
    // npm, node, git, make, node-gyp, c++
    "global save-dev ignore-scripts test check write watch expose-gc allow-natives-syntax update",
    // aureport, basenc, npx, and node again
    "executable summary base64url no v8-pool-size max-old-space-size version help",
    // scripts/test-kernel.mjs
    "package deb image refused",
    // words that stand for any flag, and arguments of programs that are redacted
    "name password token",
  ].flatMap((line) => line.split(" ")),
);

test("every flag and option that a text names exists", () => {
  const options = new Set(allCommands.flatMap((command) => Object.keys(command.options)));
  const flags = new Set(flagNames());
  const isKnown = (name: string) => {
    const bare = name.replace(/^no/, "");
    return [name, bare].some(
      (each) => flags.has(each) || options.has(each) || othersOptions.has(each),
    );
  };
  const pattern = /(?<![\w`*-]-|\w|-)--(?:\[no\])?([a-z][a-z0-9_-]*[a-z0-9])(?![\w*-])/g;
  // Rules have options of auditctl, programs have decrements, and benchmarks options of their own.
  const others = /^web\/|^addon\/rules\/|path_patterns\.ts$|^docs\/reference\/benchmarks\.md$/;
  const texts = everything.filter(({ file }) => !others.test(file));
  assert.deepEqual(unknown(texts, pattern, isKnown), []);
});

test("every flag that a text says to set exists, in the options or as a key of the file", () => {
  const flags = new Set(flagNames());
  const isKnown = (name: string) => flags.has(name) || hasPath(fileSchema, [name]);
  assert.deepEqual(unknown(sources, /\b[Ss]et ([a-z]+_[a-z_]+)\b(?!\()/g, isKnown), []);
  const ofBackend = (key: string) => hasPath(settingsSchema, ["capture", key]);
  assert.deepEqual(unknown(everything, /\b[Ss]et the [\w-]+ backend's (\w+)/g, ofBackend), []);
});

test("every subcommand that a text names exists", () => {
  const words = new Set(allCommands.map(({ name }) => name.split(" ")[0] ?? ""));
  const isKnown = (word: string) => words.has(word);
  assert.deepEqual(
    unknown(docs, /(?:`|\$ |sudo |npx |npx --no -- |&& )auditql ([a-z]+)(?=[ `\n])/g, isKnown),
    [],
  );
  const said = /\b(?:[Rr]un|[Uu]se|[Ss]ee|with:) auditql ([a-z]+)/g;
  assert.deepEqual(unknown(everything, said, isKnown), []);
});

test("every backend that a text names exists", () => {
  const backends = new Set(["audit", "proc-connector", "ebpf"]);
  // Kinds and parts of backends, in plain words.
  const words = new Set(
    "capture other another same first better one each every no a the".split(" "),
  );
  const isKnown = (name: string) => backends.has(name) || words.has(name);
  assert.deepEqual(unknown(everything, /\b[Tt]he ([a-z-]+) backend(?!s)\b/g, isKnown), []);
  const ghosts = everything.filter(
    ({ file, text }) => !/file_capabilities|flag_use/.test(file) && /\be?bpf backend/i.test(text),
  );
  assert.deepEqual(
    ghosts.map(({ file }) => file),
    [],
  );
});

const tables: readonly TableSchema[] = Object.values(tableSchemas);
const tableNames = new Set(tables.flatMap(({ name, aliases }) => [name, ...aliases]));

test("every table that the docs query or name exists", () => {
  const columns = new Set(tables.flatMap((table) => table.columns.map(({ name }) => name)));
  const flags = new Set(flagNames());
  const isKnown = (name: string) =>
    name === shortenedKey ||
    tableNames.has(name) ||
    columns.has(name) ||
    flags.has(name) ||
    hasPath(fileSchema, [name]);
  assert.deepEqual(
    unknown(docs, /`((?:osquery|auditql)_(?!\w+_total)[a-z]+|[a-z_]+_events)`/g, isKnown),
    [],
  );
  const said = /\b(?:[Tt]he table|[Tt]able) `?((?:auditql|osquery)_[a-z_]+)`?/g;
  assert.deepEqual(unknown(everything, said, isKnown), []);
});
