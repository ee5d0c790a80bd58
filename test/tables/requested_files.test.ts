// The rows of `file` and `hash` against an independent reading of what conditions on paths mean.
import assert from "node:assert/strict";
import { test } from "node:test";
import Database from "better-sqlite3";
import { skip } from "../sql/pool_fixture.js";
import { type MadeUpDatabase, onMadeUpHost } from "./made_up_database.js";

const treeFiles = [
  "a/one",
  "a/two",
  "a/b/one",
  "a/b/c/three",
  "a/.hid/four",
  "a/.dot",
  "d/one",
  "d/two",
];
const folders = ["/a/", "/a/b/", "/a/b/c/", "/a/.hid/", "/d/"];
const treePaths = [...treeFiles.map((path) => `/${path}`), ...folders];

/** A pattern as osquery reads it, over the whole tree: `%` is one level, `%%` at the end all. */
function expansion(pattern: string): string[] {
  const isRecursive = pattern.endsWith("%%");
  const levels = pattern.replace(/%%$/, "%").split("/").slice(1);
  return treePaths.filter((path) => {
    const names = path.replace(/\/$/, "").split("/").slice(1);
    if (isRecursive ? names.length < levels.length : names.length !== levels.length) return false;
    return levels.every((level, at) => {
      const name = names[at] ?? "";
      const takesHidden = !level.startsWith("%") || (isRecursive && at === levels.length - 1);
      const source = level.split("%").join(".*");
      return (takesHidden || !name.startsWith(".")) && new RegExp(`^${source}$`).test(name);
    });
  });
}

interface Condition {
  readonly column: "path" | "directory";
  readonly sql: string;
  /** What it names. */
  readonly values: readonly string[];
}

const likes = ["/a/%", "/a/%%", "/%/one", "/a/b%", "/a/o%", "/%%", "/d/%%", "/a/%/one", "/a/.%"];
const folderLikes = ["/%", "/a/%", "/a/%%"];

function conditions(): Condition[] {
  const made: Condition[] = [];
  const equal = (column: Condition["column"], values: readonly string[]) => {
    const list = values.map((value) => `'${value}'`).join(", ");
    made.push({ column, sql: `${column} IN (${list})`, values });
    if (values.length === 1) made.push({ column, sql: `${column} = ${list}`, values });
  };
  for (const values of [["/a/one"], ["/a/one", "/a/two", "/x"], ["/a/b"], ["/d/one"]]) {
    equal("path", values);
  }
  for (const values of [["/a"], ["/a", "/a/b"], ["/d"]]) equal("directory", values);
  for (const like of likes) {
    made.push({ column: "path", sql: `path LIKE '${like}'`, values: expansion(like) });
    const glob = like.replaceAll("%", "*");
    made.push({ column: "path", sql: `path GLOB '${glob}'`, values: expansion(like) });
  }
  for (const like of folderLikes) {
    const values = expansion(like).filter((path) => path.endsWith("/"));
    made.push({ column: "directory", sql: `directory LIKE '${like}'`, values });
  }
  return made;
}

/** What the conditions name together, filtered by SQLite: plain paths, each once. */
function expected(chosen: readonly Condition[]): string[] {
  const database = new Database(":memory:");
  database.exec("CREATE TABLE named (path TEXT, directory TEXT)");
  const insert = database.prepare("INSERT INTO named VALUES (?, ?)");
  for (const { column, values } of chosen) {
    for (const value of values) {
      if (column === "path") {
        if (isThere(value)) insert.run(value, value.slice(0, value.lastIndexOf("/")) || "/");
        continue;
      }
      const folder = value.replace(/\/$/, "");
      for (const path of treePaths.map((each) => each.replace(/\/$/, ""))) {
        const parent = path.slice(0, path.lastIndexOf("/"));
        const prefix = value.endsWith("/") ? value : `${value}/`;
        if (parent === folder) insert.run(`${prefix}${path.slice(parent.length + 1)}`, value);
      }
    }
  }
  const where = chosen.map(({ sql }) => sql).join(" AND ");
  const rows = database
    .prepare<[], string>(`SELECT DISTINCT rtrim(path, '/') FROM named WHERE ${where} ORDER BY 1`)
    .pluck()
    .all();
  database.close();
  return rows;
}

const isThere = (path: string) => treePaths.includes(path) || treePaths.includes(`${path}/`);

/** Park and Miller's generator, so that a failure can be repeated. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48271) % 2147483647;
    return state % below;
  };
}

test("file and hash have each file once, whatever conditions name it together", { skip }, () => {
  onMadeUpHost(Object.fromEntries(treeFiles.map((path) => [path, path])), (host) => {
    const all = conditions();
    const random = randomNumbers(20261130);
    let withRows = 0;
    for (let round = 0; round < 600; round++) {
      const count = 1 + random(3);
      const chosen = Array.from({ length: count }, () => all[random(all.length)]).filter(
        (each) => each !== undefined,
      );
      const where = chosen.map(({ sql }) => sql).join(" AND ");
      const rows = host.values(`SELECT rtrim(path, '/') FROM file WHERE ${where} ORDER BY 1`);
      assert.deepEqual(rows, expected(chosen), where);
      const files = host.values(
        `SELECT path FROM file WHERE type = 'regular' AND ${where} ORDER BY 1`,
      );
      const hashed = host.values(`SELECT path FROM hash WHERE ${where} ORDER BY 1`);
      assert.deepEqual(hashed, files, where);
      if (rows.length > 0) withRows++;
    }
    assert.ok(withRows > 150, `${withRows} conditions had rows`);
  });
});

test("paths that differ in slashes alone are one file", {
  skip,
}, () => {
  onMadeUpHost(Object.fromEntries(treeFiles.map((path) => [path, path])), (host) => {
    const paths = (where: string) =>
      host.values(`SELECT path FROM file WHERE ${where} ORDER BY path`);
    assert.deepEqual(paths("path IN ('/a/one', '/a//one')"), ["/a/one"]);
    assert.deepEqual(paths("path IN ('/a', '/a/')"), ["/a"]);
    assert.deepEqual(paths("path = '/a//one'"), ["/a//one"]);
    assert.deepEqual(paths("path IN ('/a/one', '/a//one') AND path LIKE '/a//%'"), ["/a//one"]);
    assert.deepEqual(paths("directory IN ('/d', '/d/')"), ["/d/one", "/d/two"]);
    assert.deepEqual(paths("path LIKE '/a/b%' AND directory = '/a'"), ["/a/b"]);
    host.write("etc/ssl/certs/none.pem", "");
    host.write("usr/lib/node_modules/x/package.json", '{"name":"x","version":"1"}');
    const names = "SELECT name FROM npm_packages WHERE directory IN ('/usr/lib', '/usr/lib/')";
    assert.deepEqual(host.values(names), ["x"]);
  });
});

/** Paths with their real names; those behind links are left out. */
function realPaths(host: MadeUpDatabase, links: readonly string[], where: string): string[] {
  return host
    .values(`SELECT rtrim(path, '/') FROM file WHERE ${where}`)
    .map(String)
    .filter((path) => !links.some((link) => path.startsWith(`${link}/`)))
    .sort();
}

test("%% has hidden entries of every level, and each real path once beside any link", {
  skip,
}, () => {
  const files = {
    "t/.hidden/mal/a": "",
    "t/.top": "",
    "t/visible/.deep/c": "",
    "t/visible/v": "",
    "other/o": "",
  };
  const whole = [
    "/t/.hidden",
    "/t/.hidden/mal",
    "/t/.hidden/mal/a",
    "/t/.top",
    "/t/visible",
    "/t/visible/.deep",
    "/t/visible/.deep/c",
    "/t/visible/v",
  ];
  const targets = [
    [],
    ["."],
    [".."],
    ["/"],
    [".hidden"],
    ["../other"],
    [".", "..", "/", "visible"],
  ];
  for (const [at, each] of targets.entries()) {
    onMadeUpHost(files, (host) => {
      // Names that come before and after the real ones.
      const links = each.flatMap((target, number) =>
        [`/t/0${number}`, `/t/visible/z${number}`].map((link) => ({ link, target })),
      );
      for (const { link, target } of links) {
        const isRelative = link.startsWith("/t/visible") && !target.startsWith("/");
        host.link(link, isRelative ? `../${target}` : target);
      }
      const names = links.map(({ link }) => link);
      for (const where of ["path LIKE '/t/%%'", "path GLOB '/t/**'"]) {
        assert.deepEqual(
          realPaths(host, names, where),
          [...whole, ...names].sort(),
          `${at} ${where}`,
        );
      }
      // What only a link leads to is there, under the link.
      if (each.includes("../other")) {
        const linked = host.values(
          "SELECT filename FROM file WHERE path LIKE '/t/%%' AND filename = 'o'",
        );
        assert.deepEqual(linked, ["o"]);
      }
      assert.deepEqual([...host.warnings], []);
    });
  }
});

test("a listing that ends at its depth says so", { skip }, () => {
  onMadeUpHost({ [`deep/${"x/".repeat(80)}end`]: "" }, (host) => {
    assert.deepEqual(host.values("SELECT count(*) FROM file WHERE path LIKE '/deep/%%'"), [65]);
    assert.match(
      [...host.warnings].join(),
      /more than 64 levels .* first skipped directory is \/deep\/(x\/)+$/,
    );
  });
  onMadeUpHost({ [`deep/${"x/".repeat(60)}end`]: "" }, (host) => {
    assert.deepEqual(host.values("SELECT count(*) FROM file WHERE path LIKE '/deep/%%'"), [61]);
    assert.deepEqual([...host.warnings], []);
  });
});
