// Generates docs/cli.md from the commands' own help, as compiled to dist/.
//   node scripts/generate-cli.mjs [--check]
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { allCommands } from "../dist/src/commands/all.js";
import { cliDocument } from "../dist/src/commands/manual_page.js";

const file = join(dirname(fileURLToPath(import.meta.url)), "../docs/cli.md");
const text = cliDocument(allCommands);
if (readFileSync(file, "utf8") !== text) {
  if (process.argv.includes("--check")) {
    console.error("docs/cli.md is stale: run npm run schemas");
    process.exitCode = 1;
  } else {
    writeFileSync(file, text);
    console.log("wrote docs/cli.md");
  }
}
