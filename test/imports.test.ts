import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { test } from "node:test";

/** Lowest first: a folder may import from those before it. */
const order = [
  "native",
  "tables",
  "enrich",
  "sql",
  "schedule",
  "log",
  "serve",
  "shell",
  "daemon",
  "daemon.ts",
  "commands",
  "main.ts",
];
/** Free to all, and themselves only importing types from below. */
const free = ["config", "error_codes", "errors.ts", "version.ts"];

function sources(): readonly string[] {
  return readdirSync("src", { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".ts"),
  );
}

function importsOf(file: string): readonly { path: string; typeOnly: boolean }[] {
  const text = readFileSync(join("src", file), "utf8");
  const found = text.matchAll(/^(?:import|export)\s+(type\s+)?(?:[^"';]*?from\s+)?"(\.[^"]+)"/gms);
  return [...found].map(([, type, path]) => ({
    path: normalize(join(dirname(file), (path ?? "").replace(/\.js$/, ".ts"))),
    typeOnly: type !== undefined,
  }));
}

const roomOf = (file: string) => file.split("/")[0] ?? file;

test("imports point one way", () => {
  const wrong: string[] = [];
  for (const file of sources()) {
    for (const { path, typeOnly } of importsOf(file)) {
      const [from, to] = [roomOf(file), roomOf(path)];
      if (from === to || free.includes(to) || (free.includes(from) && typeOnly)) continue;
      assert.ok(
        order.includes(from) || free.includes(from),
        `src/${from} has no place in the order`,
      );
      if (order.indexOf(to) > order.indexOf(from)) wrong.push(`src/${file} imports src/${path}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test("there is no cycle of imports", () => {
  const edges = new Map(
    sources().map((file) => [
      file,
      importsOf(file)
        .filter((each) => !each.typeOnly)
        .map((each) => each.path),
    ]),
  );
  const done = new Set<string>();
  const visit = (file: string, way: readonly string[]): void => {
    assert.ok(!way.includes(file), `cycle: ${[...way, file].join(" -> ")}`);
    if (done.has(file)) return;
    for (const next of edges.get(file) ?? []) visit(next, [...way, file]);
    done.add(file);
  };
  for (const file of edges.keys()) visit(file, []);
});

test("only addon/bridge includes napi.h", () => {
  const wrong = readdirSync("addon", { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(h|cc)$/.test(file) && !/^(bridge|build)\//.test(file))
    .filter((file) => /#include\s+[<"]napi\.h/.test(readFileSync(join("addon", file), "utf8")))
    .map((file) => relative("addon", join("addon", file)));
  assert.deepEqual(wrong, []);
});

/** Names in backquotes, of folders without their last slash. */
function namesIn(cell: string): readonly string[] {
  return [...cell.matchAll(/`([\w/.]+)`/g)].map(([, name]) => (name ?? "").replace(/\/$/, ""));
}

/** Folder of the addon -> what it may include, as docs/architecture.md says; null: all. */
function mayInclude(page: string): ReadonlyMap<string, readonly string[] | null> {
  const rows = page.matchAll(/^\| `addon\/(\w+)\/` \|[^|]+\|([^|]*)\|$/gm);
  return new Map(
    [...rows].map(([, folder = "", allowed = ""]) => [
      folder,
      allowed.trim() === "all" ? null : namesIn(allowed),
    ]),
  );
}

test("includes of the addon are those that docs/architecture.md allows", () => {
  const allowed = mayInclude(readFileSync("docs/architecture.md", "utf8"));
  const folders = readdirSync("addon", { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== "build")
    .map((entry) => entry.name);
  assert.deepEqual([...allowed.keys()].sort(), folders.sort());
  const wrong: string[] = [];
  let includes = 0;
  for (const folder of folders) {
    const listed = allowed.get(folder) ?? null;
    const files = readdirSync(join("addon", folder), { recursive: true, encoding: "utf8" });
    for (const file of files.filter((name) => /\.(h|cc)$/.test(name))) {
      const path = join(folder, file);
      const text = readFileSync(join("addon", path), "utf8");
      for (const [, name = ""] of text.matchAll(/^#include "(.+)"/gm)) {
        includes += 1;
        const to = normalize(join(dirname(path), name));
        const isListed = listed === null || listed.includes(to) || listed.includes(roomOf(to));
        if (roomOf(to) !== folder && !isListed) wrong.push(`addon/${path} includes addon/${to}`);
      }
    }
  }
  assert.ok(includes > 500);
  assert.deepEqual(wrong, []);
});

test("docs/architecture.md names every folder of src", () => {
  const page = readFileSync("docs/architecture.md", "utf8");
  const missing = readdirSync("src", { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !page.includes(`\`src/${entry.name}/\``))
    .map((entry) => entry.name);
  assert.deepEqual(missing, []);
});
