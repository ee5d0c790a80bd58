import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { formatDiagnostic } from "../../src/config/diagnostic.js";
import type { HostDefaults } from "../../src/config/host_defaults.js";
import { loadConfig } from "../../src/config/load_config.js";
import { temporaryFolder } from "./temporary_folder.js";

export const testHost: HostDefaults = {
  isRoot: false,
  hostname: "testhost",
  userStatePath: "/home/me/.local/state/auditql",
  configPaths: ["/nonexistent/auditql.conf"],
  flagfiles: [],
};

interface Files {
  readonly [name: string]: string;
}

/** Loads files of a temporary folder, the first of them as the main one. */
export function load(context: TestContext, files: Files, args: readonly string[] = []) {
  const folder = temporaryFolder(context);
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, text);
  }
  const [main = ""] = Object.keys(files);
  const flags = [`--config_path=${join(folder, main)}`, ...args];
  const loaded = loadConfig({
    args: flags.map((flag) => flag.replace("@", folder)),
    host: testHost,
  });
  return {
    ...loaded,
    folder,
    messages: loaded.problems.map((p) => formatDiagnostic(p).replaceAll(`${folder}/`, "")),
  };
}

/** As load(), of a configuration that can be used. */
export function loadGood(context: TestContext, files: Files, args: readonly string[] = []) {
  const { config, messages, folder } = load(context, files, args);
  assert.ok(config, messages.join("\n"));
  return { config, messages, folder };
}
