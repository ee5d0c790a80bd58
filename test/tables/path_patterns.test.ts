import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { expandPathPattern } from "../../src/tables/sources/path_patterns.js";
import { glob } from "../../src/util/glob.js";
import { temporaryFolder } from "../config/temporary_folder.js";
import { hostBelow } from "./table_rows.js";

const root = mkdtempSync(join(tmpdir(), "auditql-patterns-"));
after(() => rmSync(root, { recursive: true }));
for (const path of [
  "a/one.txt",
  "a/two.md",
  "a/.hidden",
  "a/b/three.txt",
  "c/[x]",
  "c/y",
  "c/{z}",
  "c/two two",
]) {
  mkdirSync(join(root, path, ".."), { recursive: true });
  writeFileSync(join(root, path), "");
}
symlinkSync("..", join(root, "a/b/up"));
symlinkSync("nowhere", join(root, "a/broken"));

const expand = (pattern: string): string[] =>
  [...expandPathPattern(hostBelow(root), pattern)].sort();

test("% is one level, without hidden names; directories end with a slash", () => {
  assert.deepEqual(expand("/a/%"), ["/a/b/", "/a/broken", "/a/one.txt", "/a/two.md"]);
  assert.deepEqual(expand("/%/%.txt"), ["/a/one.txt"]);
  assert.deepEqual(expand("/a/.%"), ["/a/.hidden"]);
});

test("%% at the end is all levels, hidden names too, each directory once", () => {
  assert.deepEqual(expand("/a/%%"), [
    "/a/.hidden",
    "/a/b/",
    "/a/b/three.txt",
    "/a/b/up/",
    "/a/broken",
    "/a/one.txt",
    "/a/two.md",
  ]);
  // Below a/b the link is the only way to what is above.
  assert.deepEqual(expand("/a/b/%%"), [
    "/a/b/three.txt",
    "/a/b/up/",
    "/a/b/up/.hidden",
    "/a/b/up/b/",
    "/a/b/up/broken",
    "/a/b/up/one.txt",
    "/a/b/up/two.md",
  ]);
});

test("what alternatives have in common is there once", () => {
  assert.deepEqual(expand("/{a,a/b}/%%"), expand("/a/%%"));
  assert.deepEqual(expand("/a/{one,on}%"), ["/a/one.txt"]);
});

test("a set whose range is the wrong way round matches nothing, and is no error", () => {
  assert.deepEqual(expand("/a/[z-a]%"), []);
  assert.deepEqual(expand("/a/[z-ao]%.txt"), ["/a/one.txt"]);
  assert.deepEqual(expand("/c/[[]x]"), ["/c/[x]"]);
});

test("%% elsewhere is one level", () => {
  assert.deepEqual(expand("/%%/three.txt"), []);
  assert.deepEqual(expand("/%%/b"), ["/a/b/"]);
});

test("a pattern without a wildcard is the path when it exists", () => {
  assert.deepEqual(expand("/a/one.txt"), ["/a/one.txt"]);
  assert.deepEqual(expand("/a"), ["/a/"]);
  assert.deepEqual(expand("/none"), []);
});

test("sets, single characters and alternatives are those of glob(7)", () => {
  assert.deepEqual(expand("/a/{one,two}.%"), ["/a/one.txt", "/a/two.md"]);
  assert.deepEqual(expand("/a/[ot]%.txt"), ["/a/one.txt"]);
  assert.deepEqual(expand("/a/[!o]%"), ["/a/b/", "/a/broken", "/a/two.md"]);
  assert.deepEqual(expand("/c/?"), ["/c/y"]);
  assert.deepEqual(expand("/c/%two"), ["/c/two two"]);
  assert.deepEqual(expand("/c/t%o"), ["/c/two two"]);
  assert.deepEqual(expand("/c/two%two%"), ["/c/two two"]);
  assert.deepEqual(expand("/c/two%two%two"), []);
  assert.deepEqual(expand("/a/{one,{two,none}}.%"), ["/a/one.txt", "/a/two.md"]);
});

test("many wildcards on a long name take no longer than its length", () => {
  const name = "a".repeat(250);
  mkdirSync(join(root, "long"));
  writeFileSync(join(root, "long", name), "");
  assert.deepEqual(expand(`/long/${"%a".repeat(40)}`), [`/long/${name}`]);
  assert.deepEqual(expand(`/long/a${"%a".repeat(40)}%a`), [`/long/${name}`]);
  assert.deepEqual(expand(`/long/${"%a".repeat(40)}%b`), []);
  assert.deepEqual(expand(`/long/${"%a?".repeat(40)}%[!a]`), []);
});

test("alternatives are expanded as they are asked for", () => {
  const [first] = expandPathPattern(hostBelow(root), `/a${"{,}".repeat(60)}`);
  assert.equal(first, "/a/");
});

test("a relative or overlong pattern names nothing", () => {
  assert.deepEqual(expand("a/%"), []);
  assert.deepEqual(expand(`/${"x%".repeat(3000)}`), []);
});

test("patterns match what they match in packs and in file_paths", (context) => {
  const folder = temporaryFolder(context);
  const text = readFileSync("test/testdata/path-patterns.txt", "utf8");
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  for (const line of lines) {
    const [pattern = "", ...paths] = line.split(" ");
    if (pattern === "tree") {
      for (const path of paths) {
        if (path.endsWith("/")) mkdirSync(join(folder, path));
        else writeFileSync(join(folder, path), "");
      }
      continue;
    }
    const found = [...expandPathPattern(hostBelow(folder), pattern)];
    assert.deepEqual(found.map((path) => path.replace(/\/$/, "")).sort(), paths, line);
    // Patterns of packs have neither sets nor a way to all levels.
    if (/\[|%%|\*\*/.test(pattern)) continue;
    assert.deepEqual(
      glob(`${folder}${pattern}`).map((path) => path.slice(folder.length)),
      paths,
      line,
    );
  }
});
