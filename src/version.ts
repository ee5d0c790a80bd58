import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const packagePath = fileURLToPath(new URL("../../package.json", import.meta.url));
const manifest: { readonly version: string } = JSON.parse(readFileSync(packagePath, "utf8"));

/** The osquery release whose tables, flags and answers are matched, and which packs ask for. */
export const osqueryVersion = "5.23.1";

/** Version of auditql, from package.json. */
export const version = manifest.version;
