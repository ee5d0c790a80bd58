import { displayText } from "../display_text.js";
import { defineFormat } from "./define_format.js";
import { separatedWriter } from "./separated_rows.js";

export const listFormat = defineFormat({
  name: "list",
  aliases: [],
  description: "Unquoted values, separated by '|'.",
  start: (options) =>
    separatedWriter(options, options.separator ?? "|", options.isTerminal ? displayText : String),
});
