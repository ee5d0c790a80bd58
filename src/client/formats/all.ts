import { boxFormat } from "./box.js";
import { columnFormat } from "./column.js";
import { csvFormat } from "./csv.js";
import type { OutputFormat } from "./define_format.js";
import { jsonFormat } from "./json.js";
import { jsonPrettyFormat } from "./json_pretty.js";
import { lineFormat } from "./line.js";
import { listFormat } from "./list.js";
import { markdownFormat } from "./markdown.js";
import { ndjsonFormat } from "./ndjson.js";
import { tableFormat } from "./table.js";
import { tabsFormat } from "./tabs.js";

/** Every output format; the first is the default. */
export const allFormats: readonly OutputFormat[] = [
  tableFormat,
  boxFormat,
  columnFormat,
  lineFormat,
  listFormat,
  csvFormat,
  tabsFormat,
  jsonFormat,
  jsonPrettyFormat,
  ndjsonFormat,
  markdownFormat,
];

/** The format of a name or alias. */
export function findFormat(name: string): OutputFormat | undefined {
  return allFormats.find((format) => format.name === name || format.aliases.includes(name));
}

/** Every name and alias, for messages and completion. */
export const formatNames: readonly string[] = allFormats.flatMap((format) => [
  format.name,
  ...format.aliases,
]);
