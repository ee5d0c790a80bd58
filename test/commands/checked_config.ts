import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { temporaryFolder } from "../config/temporary_folder.js";
import { runAuditql } from "./command_run.js";

interface Checked {
  readonly status: number;
  /** Problems without the folder, and the verdict. */
  readonly lines: readonly string[];
}

/** Runs `auditql config check` on one file. */
export async function check(
  context: TestContext,
  text: string,
  { name = "auditql.conf", flags = [] }: { name?: string; flags?: readonly string[] } = {},
): Promise<Checked> {
  const folder = temporaryFolder(context);
  const path = join(folder, name);
  writeFileSync(path, text);
  const run = await runAuditql(["config", "check", `--config_path=${path}`, ...flags]);
  const output = `${run.stdout}${run.stderr}`.replaceAll(`${folder}/`, "");
  return { status: run.status, lines: output.split("\n") };
}

/** A query of the schedule. */
export const scheduled = (sql: string) => ({ query: sql, interval: 10 });
