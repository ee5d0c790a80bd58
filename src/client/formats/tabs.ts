import { displayText } from "../display_text.js";
import { defineFormat } from "./define_format.js";
import { separatedWriter } from "./separated_rows.js";

export const tabsFormat = defineFormat({
  name: "tabs",
  aliases: ["tsv"],
  description: "Tab-separated values; tabs and line breaks in values are escaped.",
  start: (options) => separatedWriter(options, "\t", options.isTerminal ? displayText : escapeTabs),
});

const escapes: Readonly<Record<string, string>> = {
  "\t": "\\t",
  "\n": "\\n",
  "\r": "\\r",
  "\\": "\\\\",
};

/** https://www.iana.org/assignments/media-types/text/tab-separated-values has no quotes. */
function escapeTabs(text: string): string {
  return text.replace(/[\t\n\r\\]/g, (character) => escapes[character] ?? character);
}
