import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const packagePath = fileURLToPath(new URL("../../package.json", import.meta.url));
const manifest: { readonly version: string } = JSON.parse(readFileSync(packagePath, "utf8"));

/** Version of auditql, from package.json. */
export const version = manifest.version;
