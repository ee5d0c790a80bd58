// Generates schemas/*.schema.json from the compiled TypeBox declarations.
//   node scripts/generate-json-schemas.mjs [--check] [--dist=dist]
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { root, writeGenerated } from "./write_generated.mjs";

const dist = process.argv.find((argument) => argument.startsWith("--dist="))?.slice(7) ?? "dist";
const load = (path) => import(pathToFileURL(resolve(root, dist, "src", path)).href);

const { fileSchema, packSchema } = await load("config/file_schema.js");
const { logLineSchema } = await load("schedule/log_line_schema.js");
const schemas = {
  "schemas/config.schema.json": fileSchema,
  "schemas/pack.schema.json": packSchema,
  "schemas/log_line.schema.json": logLineSchema,
};
const schemaVersion = "https://json-schema.org/draft/2020-12/schema";
writeGenerated(
  Object.fromEntries(
    Object.entries(schemas).map(([path, schema]) => [
      path,
      `${JSON.stringify({ $schema: schemaVersion, ...schema }, null, 2)}\n`,
    ]),
  ),
);
