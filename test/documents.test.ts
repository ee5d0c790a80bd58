import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
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
