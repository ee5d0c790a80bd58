// Formats the C++ sources with clang-format, where it is installed.
//   node scripts/format-native.mjs [--check]
// --check writes nothing and exits 1 when a file is not formatted.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const sources = ["addon", "test/addon", "test/live"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true })
    .filter((file) => /\.(cc|h)$/.test(file) && !/(^|\/)generated\//.test(file))
    .map((file) => join(folder, file)),
);
const how = process.argv.includes("--check") ? ["--dry-run", "-Werror"] : ["-i"];
const done = spawnSync("clang-format", [...how, ...sources], { cwd: root, stdio: "inherit" });
if (done.error !== undefined)
  console.error("clang-format is not installed: C++ sources are left as they are");
process.exitCode = done.error === undefined ? (done.status ?? 1) : 0;
