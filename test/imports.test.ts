import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { test } from "node:test";

/** Lowest first: a folder may import from those before it. */
const order = [
  "error_codes",
  "errors.ts",
  "version.ts",
  "util",
  "config",
  "native",
  "tables",
  "enrich",
  "sql",
  "schedule",
  "log",
  "serve",
  "client",
  "shell",
  "daemon",
  "commands",
  "main.ts",
];

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
    assert.ok(order.includes(roomOf(file)), `src/${roomOf(file)} has no place in the order`);
    for (const { path } of importsOf(file)) {
      if (order.indexOf(roomOf(path)) > order.indexOf(roomOf(file))) {
        wrong.push(`src/${file} imports src/${path}`);
      }
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

/** Folder of the addon -> what it may include, as docs/internals/architecture.md says; null: all. */
function mayInclude(page: string): ReadonlyMap<string, readonly string[] | null> {
  const rows = page.matchAll(/^\| `addon\/([\w/]+)\/` \|[^|]+\|([^|]*)\|$/gm);
  return new Map(
    [...rows].map(([, folder = "", allowed = ""]) => [
      folder,
      allowed.trim() === "all" ? null : namesIn(allowed),
    ]),
  );
}

/** Folders of the addon that hold sources; generated ones belong to the folder around them. */
function addonFolders(): readonly string[] {
  return readdirSync("addon", { recursive: true, withFileTypes: true, encoding: "utf8" })
    .filter((entry) => entry.isDirectory() && entry.name !== "generated")
    .map((entry) => relative("addon", join(entry.parentPath, entry.name)))
    .filter((folder) => !/^build/.test(folder))
    .sort();
}

test("includes of the addon are those that docs/internals/architecture.md allows", () => {
  const allowed = mayInclude(readFileSync("docs/internals/architecture.md", "utf8"));
  const folders = addonFolders();
  assert.deepEqual([...allowed.keys()].sort(), folders);
  const folderOf = (file: string) => dirname(file).replace(/\/generated$/, "");
  const wrong: string[] = [];
  let includes = 0;
  for (const folder of folders) {
    const listed = allowed.get(folder) ?? null;
    const files = [folder, join(folder, "generated")]
      .filter((each) => existsSync(join("addon", each)))
      .flatMap((each) => readdirSync(join("addon", each)).map((name) => join(each, name)));
    for (const path of files.filter((name) => /\.(h|cc)$/.test(name))) {
      const text = readFileSync(join("addon", path), "utf8");
      for (const [, name = ""] of text.matchAll(/^#include "(.+)"/gm)) {
        includes += 1;
        const to = normalize(join(dirname(path), name));
        const isListed = listed === null || listed.includes(to) || listed.includes(folderOf(to));
        if (folderOf(to) !== folder && !isListed) wrong.push(`addon/${path} includes addon/${to}`);
      }
    }
  }
  assert.ok(includes > 500);
  assert.deepEqual(wrong, []);
});

test("docs/internals/architecture.md names every folder of src", () => {
  const page = readFileSync("docs/internals/architecture.md", "utf8");
  const missing = readdirSync("src", { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !page.includes(`\`src/${entry.name}/\``))
    .map((entry) => entry.name);
  assert.deepEqual(missing, []);
});
