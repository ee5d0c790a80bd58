import { formatNames } from "./formats/all.js";
import { allMetaCommands } from "./meta_commands/all.js";
import type { TableInfo } from "./query_source.js";

const keywords =
  "select from where join left outer cross on using group by having order asc desc limit offset distinct as and or not in like glob between is null case when then else end union all except intersect with recursive values exists collate cast explain query plan over partition filter".split(
    " ",
  );

const functions =
  "count sum min max avg total group_concat coalesce ifnull nullif iif length lower upper substr trim replace instr printf hex quote typeof abs round random date time datetime julianday strftime unixepoch json_extract split regex_split regex_match concat concat_ws inet_aton md5 sha1 sha256 community_id_v1 to_base64 from_base64 in_cidr_block version_compare parent_directory".split(
    " ",
  );

/** Completions of the word before the cursor, and that word. */
export type Completion = [candidates: string[], word: string];

/** Completes meta commands, tables, columns, keywords and functions. `pending` holds the lines of
 * the statement before this one. */
export function complete(line: string, pending: string, tables: readonly TableInfo[]): Completion {
  if (pending === "" && line.trimStart().startsWith(".")) return completeMeta(line, tables);
  const word = /[\w]*$/.exec(line)?.[0] ?? "";
  const text = `${pending}${line}`;
  const before = text.slice(0, text.length - word.length);
  return [matching(candidatesAfter(before, text, tables), word), word];
}

function completeMeta(line: string, tables: readonly TableInfo[]): Completion {
  const [head = "", ...rest] = line.trimStart().split(/\s+/);
  if (rest.length === 0) {
    const names = allMetaCommands.flatMap(({ name, aliases }) => [name, ...aliases]);
    return [
      matching(
        names.map((name) => `.${name}`),
        head,
      ),
      head,
    ];
  }
  const word = rest.at(-1) ?? "";
  if (head === ".mode") return [matching(formatNames, word), word];
  return [matching(namesOf(tables), word), word];
}

function candidatesAfter(
  before: string,
  text: string,
  tables: readonly TableInfo[],
): readonly string[] {
  const qualifier = /(\w+)\.$/.exec(before)?.[1];
  if (qualifier !== undefined) {
    const name = tableOfAlias(text, qualifier);
    return columnsOf(tables.filter((table) => table.name === name));
  }
  if (/\b(?:from|join)\s+$/i.test(before)) return namesOf(tables);
  const mentioned = tables.filter((table) => new RegExp(`\\b${table.name}\\b`, "i").test(text));
  return [...columnsOf(mentioned), ...namesOf(tables), ...keywords, ...functions];
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
