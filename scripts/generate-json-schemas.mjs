// Generates schemas/*.schema.json from the compiled TypeBox declarations.
//   node scripts/generate-json-schemas.mjs [--check] [--dist=dist]
// --check writes nothing and exits 1 when a generated file is stale.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const dist = process.argv.find((argument) => argument.startsWith("--dist="))?.slice(7) ?? "dist";
const load = (path) => import(pathToFileURL(resolve(root, dist, "src", path)).href);

const { fileSchema, packSchema } = await load("config/file_schema.js");
const { logLineSchema } = await load("schedule/log_line_schema.js");
const outputs = {
  "schemas/config.schema.json": fileSchema,
  "schemas/pack.schema.json": packSchema,
  "schemas/log_line.schema.json": logLineSchema,
};
for (const [path, schema] of Object.entries(outputs)) {
  const draft = { $schema: "https://json-schema.org/draft/2020-12/schema", ...schema };
  const text = `${JSON.stringify(draft, null, 2)}\n`;
  const file = join(root, path);
  let present = "";
  try {
    present = readFileSync(file, "utf8");
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
  if (present === text) continue;
  if (process.argv.includes("--check")) {
    console.error(`${path} is stale: run npm run schemas`);
    process.exitCode = 1;
  } else {
    writeFileSync(file, text);
    console.log(`wrote ${path}`);
  }
}
