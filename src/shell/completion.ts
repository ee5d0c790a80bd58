import { formatNames } from "../client/formats/all.js";
import type { TableInfo } from "../client/query_source.js";
import { offeredKeywords } from "../util/sql_words.js";
import { allMetaCommands, matchingMetaCommands } from "./meta_commands/all.js";

/** What there is to complete with. */
export interface Vocabulary {
  readonly tables: readonly TableInfo[];
  readonly functions: readonly string[];
}

/** Words that a statement of a read-only database begins with (https://www.sqlite.org/lang.html). */
const statementStarts = ["explain", "pragma", "select", "values", "with"];

/** Completions of the word before the cursor, and that word. */
export type Completion = [candidates: string[], word: string];

/** Completes meta commands, tables, columns, keywords and functions. `pending` holds the lines of
 * the statement before this one. */
export function complete(line: string, pending: string, vocabulary: Vocabulary): Completion {
  if (pending === "" && line.trimStart().startsWith(".")) return completeMeta(line, vocabulary);
  return completeSql(line, pending, vocabulary);
}

function completeSql(line: string, pending: string, vocabulary: Vocabulary): Completion {
  const word = /[\w]*$/.exec(line)?.[0] ?? "";
  const text = `${pending}${line}`;
  const before = text.slice(0, text.length - word.length);
  if (/(?:^|;)\s*$/.test(before)) {
    const starts = matching(statementStarts, word);
    if (starts.length > 0) return [starts, word];
  }
  const hits = matching(candidatesAfter(before, text, vocabulary), word);
  if (hits.length > 0 || word === "" || /\.$/.test(before)) return [hits, word];
  // Columns come before their table in a SELECT: those of every table, where nothing else fits.
  return [matching(columnsOf(vocabulary.tables), word), word];
}

function completeMeta(line: string, vocabulary: Vocabulary): Completion {
  const [head = "", ...rest] = line.trimStart().split(/\s+/);
  if (rest.length === 0) return [matching(commandNames(), head), head];
  const word = rest.at(-1) ?? "";
  const [command, ...others] = matchingMetaCommands(head.slice(1));
  if (command === undefined || others.length > 0) return [[], word];
  const sql = line.trimStart().slice(head.length);
  switch (command.completes) {
    case "commands":
      return [matching(commandNames(), word), word];
    case "formats":
      return [matching(formatNames, word), word];
    case "switch":
      return [matching(["on", "off"], word), word];
    case "tables":
      return [matching(namesOf(vocabulary.tables), word), word];
    case "sql":
      return completeSql(sql, "", vocabulary);
    case "tail":
      return completeSql(/^\s*(select|with)\b/i.test(sql) ? sql : `from${sql}`, "", vocabulary);
    default:
      return [[], word];
  }
}

function commandNames(): readonly string[] {
  return allMetaCommands.flatMap(({ name, aliases }) =>
    [name, ...aliases].map((each) => `.${each}`),
  );
}

function candidatesAfter(
  before: string,
  text: string,
  { tables, functions }: Vocabulary,
): readonly string[] {
  const qualifier = /(\w+)\.$/.exec(before)?.[1];
  if (qualifier !== undefined) {
    const name = tableOfAlias(text, qualifier);
    return columnsOf(tables.filter((table) => table.name === name));
  }
  if (/\b(?:from|join)\s+$/i.test(before)) return namesOf(tables);
  const mentioned = tables.filter((table) => new RegExp(`\\b${table.name}\\b`, "i").test(text));
  return [...columnsOf(mentioned), ...namesOf(tables), ...offeredKeywords, ...functions];
}

/** The table that a name stands for: itself, or `from TABLE [as] NAME`. */
function tableOfAlias(text: string, name: string): string {
  const alias = new RegExp(`\\b(?:from|join|,)\\s*(\\w+)\\s+(?:as\\s+)?${name}\\b`, "i");
  return (alias.exec(text)?.[1] ?? name).toLowerCase();
}

function matching(candidates: readonly string[], word: string): string[] {
  const isUpper = /[A-Z]/.test(word) && word === word.toUpperCase();
  const start = word.toLowerCase();
  const hits = [...new Set(candidates)].filter((candidate) => candidate.startsWith(start)).sort();
  return isUpper ? hits.map((hit) => hit.toUpperCase()) : hits;
}

function namesOf(tables: readonly TableInfo[]): readonly string[] {
  return tables.map((table) => table.name);
}

function columnsOf(tables: readonly TableInfo[]): readonly string[] {
  return tables.flatMap((table) => table.columns.map((column) => column.name));
}
