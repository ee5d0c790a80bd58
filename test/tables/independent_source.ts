import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { stateTables } from "../../src/tables/all.js";
import type { StateTable } from "../../src/tables/define_table.js";
import type { AnyRow } from "./table_rows.js";

export function table(name: string): StateTable {
  const found = stateTables.find(({ schema }) => schema.name === name);
  assert.ok(found !== undefined, name);
  return found;
}

/** Reason to skip when a tool is absent. */
export const needs = (tool: string): string | false =>
  spawnSync("sh", ["-c", `command -v ${tool}`]).status === 0 ? false : `${tool} is not installed`;

export const output = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { encoding: "utf8", maxBuffer: 64 * 2 ** 20 });

export const lines = (text: string): string[] => text.split("\n").filter((line) => line !== "");

export const column = (rows: readonly AnyRow[], name: string): string[] =>
  rows.map((row) => String(row[name] ?? "")).sort();
