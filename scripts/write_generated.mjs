import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/**
 * Writes generated files, given by their path in the project, where they are not as they should be.
 * With --check among the arguments it writes nothing, names those that are stale, and the process
 * ends with 1.
 */
export function writeGenerated(texts) {
  const isCheck = process.argv.includes("--check");
  for (const [path, text] of Object.entries(texts)) {
    const file = join(root, path);
    if (readIfThere(file) === text) continue;
    if (isCheck) {
      console.error(`${path} is stale: run npm run schemas`);
      process.exitCode = 1;
      continue;
    }
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    console.log(`wrote ${path}`);
  }
}

function readIfThere(file) {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error.code === "ENOENT") return null;
    throw error;
  }
}
