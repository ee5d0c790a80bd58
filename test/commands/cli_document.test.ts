import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { allCommands } from "../../src/commands/all.js";
import { cliDocument } from "../../src/commands/manual_page.js";

const path = "docs/cli.md";

test("docs/cli.md is what the commands say of themselves (AUDITQL_UPDATE=1 writes it)", () => {
  const text = cliDocument(allCommands);
  if (process.env["AUDITQL_UPDATE"] === "1") writeFileSync(path, text);
  assert.equal(readFileSync(path, "utf8"), text);
});
