// Generates docs/reference/cli.md from the commands' own help, as compiled to dist/.
//   node scripts/generate-cli.mjs [--check]
import { allCommands } from "../dist/src/commands/all.js";
import { cliDocument } from "../dist/src/commands/manual_page.js";
import { writeGenerated } from "./write_generated.mjs";

writeGenerated({ "docs/reference/cli.md": cliDocument(allCommands) });
