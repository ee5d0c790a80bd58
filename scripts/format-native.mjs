// Formats the C++ sources with clang-format, where it is installed.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const sources = ["addon", "test/addon"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true })
    .filter((file) => /\.(cc|h)$/.test(file) && !/(^|\/)(build|generated)\//.test(file))
    .map((file) => join(folder, file)),
);
const done = spawnSync("clang-format", ["-i", ...sources], { cwd: root, stdio: "inherit" });
if (done.error !== undefined)
  console.error("clang-format is not installed: C++ sources are left as they are");
process.exitCode = done.error === undefined ? (done.status ?? 1) : 0;
