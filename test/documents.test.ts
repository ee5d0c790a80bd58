import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";

const pages = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  ...readdirSync("docs", { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name)),
];

/** Numbers of lines, from 1, where a table goes on without a head: an empty line tore it. */
function tornTables(text: string): readonly number[] {
  const lines = text
    .replace(/^```[\s\S]*?^```$/gm, (block) => block.replaceAll("|", " "))
    .split("\n");
  return lines.flatMap((line, at) => {
    const isFirst = line.startsWith("|") && !(lines[at - 1] ?? "").startsWith("|");
    return isFirst && !/^\|[-:| ]+\|$/.test(lines[at + 1] ?? "") ? [at + 1] : [];
  });
}

test("tables of the documents are whole", () => {
  assert.deepEqual(tornTables("| a |\n|---|\n| b |\n\n| c |\n"), [5]);
  for (const page of pages) {
    assert.deepEqual(tornTables(readFileSync(page, "utf8")), [], page);
  }
});

test("no command of the documents and of messages would fetch code of a name that is not ours", () => {
  const sources = readdirSync("src", { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join("src", name));
  for (const file of [...pages, ...sources, "package.json"]) {
    assert.doesNotMatch(readFileSync(file, "utf8"), /npx (?!--no )(?:-y )?auditql/, file);
  }
});

/** Text without its blocks of code, in which a link is no link. */
function prose(text: string): string {
  return text.replace(/^```[\s\S]*?^```$/gm, "").replace(/^ {4}.*$/gm, "");
}

/** Anchors of a page's headings, as GitHub and GitLab make them. */
function anchorsOf(text: string): ReadonlySet<string> {
  const seen = new Map<string, number>();
  return new Set(
    [...prose(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => {
      const anchor = heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, "")
        .trim()
        .replaceAll(" ", "-");
      const before = seen.get(anchor) ?? 0;
      seen.set(anchor, before + 1);
      return before === 0 ? anchor : `${anchor}-${before}`;
    }),
  );
}

/** Links of a page, relative ones, to files or headings that do not exist. */
function brokenLinks(page: string, text: string): readonly string[] {
  const links = [...prose(text).matchAll(/\]\((?![a-z]+:)([^)#]*)(?:#([^)]*))?\)/g)];
  return links.flatMap(([, path = "", anchor]) => {
    const file = path === "" ? page : join(dirname(page), path);
    if (!existsSync(file)) return [`${page} links to ${path}`];
    const isThere = anchor === undefined || anchorsOf(readFileSync(file, "utf8")).has(anchor);
    return isThere ? [] : [`${page} links to ${path}#${anchor}`];
  });
}

test("links of the documents lead to files and headings that exist", () => {
  const text = "[a](README.md) [b](#contributing) [c](gone.md) [d](#nothing)";
  assert.deepEqual(brokenLinks("CONTRIBUTING.md", text), [
    "CONTRIBUTING.md links to gone.md",
    "CONTRIBUTING.md links to #nothing",
  ]);
  assert.deepEqual(
    pages.flatMap((page) => brokenLinks(page, readFileSync(page, "utf8"))),
    [],
  );
});

test("every page of docs is reached from docs/README.md", () => {
  const reached = new Set(["docs/README.md"]);
  for (const page of reached) {
    for (const [, path = ""] of readFileSync(page, "utf8").matchAll(/\]\(([^):#]+\.md)/g)) {
      reached.add(join(dirname(page), path));
    }
  }
  const unreached = pages.filter(
    (page) => !reached.has(page) && !page.startsWith("docs/decisions/"),
  );
  assert.deepEqual(unreached, ["CHANGELOG.md"]);
});

/** Sources whose messages and comments name pages. */
function sourceFiles(): readonly string[] {
  return ["addon", "src", "web", "schemas", "scripts", "packs", "test"].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => /\.(ts|tsx|h|cc|json|mjs|conf)$/.test(name) && !/^build/.test(name))
      .map((name) => join(folder, name)),
  );
}

test("pages that messages and comments name exist", () => {
  const named = [...pages, ...sourceFiles()].flatMap((file) =>
    [
      ...readFileSync(file, "utf8").matchAll(
        /(?<![\w/.-])docs\/(?!manual)[\w/-]+\.(?:md|svg|png)/g,
      ),
    ].map(([name]) => ({ file, name })),
  );
  assert.ok(named.length > 50, `${named.length} names`);
  assert.deepEqual(
    named.filter(({ name }) => !existsSync(name)).map(({ file, name }) => `${file} names ${name}`),
    [],
  );
});

/** What `../` means in the blocks of a page, seen from where they are compiled. */
function folderOfBlocks(page: string): string {
  return page.endsWith("adding-a-table.md") ? "../../src/tables/" : "../../src/";
}

test("blocks of code on the pages compile as they stand", (t) => {
  // Below the checkout: modules are found, and paths are rewritten to where these files lie.
  const folder = join("build", "document_blocks");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  let blocks = 0;
  for (const page of pages) {
    const text = readFileSync(page, "utf8");
    for (const [, language, code = ""] of text.matchAll(/^```(ts|js)\n([\s\S]*?)^```$/gm)) {
      blocks += 1;
      const file = join(folder, `block_${blocks}.${language === "js" ? "mjs" : "ts"}`);
      writeFileSync(file, code.replaceAll('from "../', `from "${folderOfBlocks(page)}`));
    }
  }
  assert.ok(blocks >= 2, `${blocks} blocks`);
  const config = {
    extends: "../../tsconfig.json",
    compilerOptions: { noEmit: true, allowJs: true, rootDir: "../.." },
    include: ["."],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const compiled = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", folder], {
    encoding: "utf8",
  });
  assert.equal(compiled.stdout, "");
  assert.equal(compiled.status, 0);
});
